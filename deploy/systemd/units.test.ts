/** The units for systemd say what the program knows: its settings, its commands, and the same locks on every door. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownCommands, wrongCall } from '../../scripts/docs/commands.ts';
import { SETTINGS } from '../../src/main/config.ts';
import { judgeConfig } from '../../src/main/load-config.ts';
import { vaultAt } from '../../src/main/vaults.ts';
import { environmentOf, parse, settingsIn, type UnitFile, unitFiles } from './unit-file.ts';

const here = import.meta.dirname;
const units = unitFiles();
const services = units.filter(({ name }) => name.endsWith('.service'));
const timers = units.filter(({ name }) => name.endsWith('.timer'));
const unitOf = (name: string): UnitFile => {
  const found = units.find((unit) => unit.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const page = readFileSync(join(here, '..', '..', 'docs', 'operations', 'install.md'), 'utf8');
const named = (all: readonly UnitFile[]) => all.map((unit) => [unit.name, unit] as const);

/** A setting by its name, or its value in a file. */
const isSetting = (name: string): boolean => name in SETTINGS || name.replace(/_FILE$/, '') in SETTINGS;
const namesIn = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.split('=')[0] ?? '');

/** What no service of ours may miss; `systemd-analyze security` (systemd.deploy.test.ts) says what it comes to. */
const LOCKS = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'ProtectProc=invisible',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectControlGroups=yes',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'RestrictNamespaces=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'UMask=0077',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged',
  'SystemCallErrorNumber=EPERM',
  'LimitCORE=0', // a core holds every secret there is
  'User=itirp',
];

test('there are the units that the page speaks of', () => {
  expect(units.map(({ name }) => name)).toEqual([
    'external-postgres.conf',
    'itirp-backup.service',
    'itirp-backup.timer',
    'itirp-doctor.service',
    'itirp-doctor@.service',
    'itirp-drill.service',
    'itirp-drill.timer',
    'itirp-verify.service',
    'itirp-verify.timer',
    'itirp.service',
    'itirp@.service',
    'kafka-password.conf',
    's3.conf',
  ]);
});

describe('settings', () => {
  test.each(named(units))('%s names none that the program does not know', (_name, unit) => {
    expect(namesIn(unit.valuesOf('Service', 'Environment')).filter((name) => !isSetting(name))).toEqual([]);
  });
  test('itirp.env.example names none either, and no secret, also where a line is not in force', () => {
    const text = readFileSync(join(here, 'itirp.env.example'), 'utf8');
    const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !isSetting(name))).toEqual([]);
    expect(names.filter((name) => /SECRET|PASSWORD|POSTGRES_URL|REDIS_URL/.test(name))).toEqual([]);
  });
  test('an unknown one would be found', () => {
    const unit = parse('x.service', '[Service]\n# Environment=OLD=1\nEnvironment=PROT=1\n');
    expect(namesIn(unit.valuesOf('Service', 'Environment'))).toEqual(['PROT']);
    expect(isSetting('PROT')).toBe(false);
    expect(isSetting('SECRET_KEY_FILE')).toBe(true);
  });
});

describe('secrets', () => {
  test.each(named(units))(
    '%s hands in each secret as a file, and uses each that it hands in',
    (_name, unit) => {
      const given = unit.valuesOf('Service', 'LoadCredential').map((line) => line.split(':'));
      for (const [id, path] of given) expect(path).toBe(`/etc/itirp/secrets/${id}`);
      const used = unit
        .valuesOf('Service', 'Environment')
        .flatMap((line) => /=%d\/(\w+)$/.exec(line)?.[1] ?? []);
      expect(new Set(used)).toEqual(new Set(given.map(([id]) => id)));
    },
  );
});

describe('services', () => {
  test.each(named(services))('%s has every lock', (_name, unit) => {
    expect(LOCKS.filter((line) => !unit.service.includes(line))).toEqual([]);
  });
  test.each(named(services))('%s calls what the program has', async (_name, unit) => {
    const calls = unit.valuesOf('Service', 'ExecStart');
    expect(calls).toHaveLength(1);
    const [program, call] = /^(\S+) (.+)$/.exec(calls[0] ?? '')?.slice(1) ?? [];
    expect(program).toBe('/opt/itirp/bin/itirp.js');
    expect(wrongCall(call ?? '', await knownCommands(join(here, '..', '..')))).toBeUndefined();
  });
  test.each(named(services))('%s leads to a page that there is', (_name, unit) => {
    for (const page of unit.valuesOf('Unit', 'Documentation'))
      expect(existsSync(join(here, '..', '..', page.replace('file:///opt/itirp/', '')))).toBe(true);
  });
});

describe('an examination sees what the service itself is given', () => {
  const ONE = readFileSync(join(here, 'itirp.env.example'), 'utf8');
  /** The same file, with all that it holds for many machines in force. */
  const MANY = ONE.replace(/(?<=^# Many machines.*\n)(#\w+=.*\n)+/m, (lines) => lines.replaceAll('#', ''));
  const GIVEN = ['EnvironmentFile', 'Environment', 'LoadCredential', 'StateDirectory', 'WorkingDirectory'];
  const givenTo = (unit: UnitFile): readonly string[] =>
    GIVEN.flatMap((directive) =>
      unit
        .valuesOf('Service', directive)
        .flatMap((value) => value.split(' ').map((each) => `${directive}=${each}`)),
    );

  test.each([
    ['itirp.service', 'itirp-doctor.service'],
    ['itirp@.service', 'itirp-doctor@.service'],
  ])('%s: %s has the same, and at most what backups need', (server, doctor) => {
    const [has, examines] = [givenTo(unitOf(server)), givenTo(unitOf(doctor))];
    expect(has.filter((line) => !examines.includes(line))).toEqual([]);
    const more = examines.filter((line) => !has.includes(line));
    expect(more.filter((line) => !/backup/i.test(line))).toEqual([]);
  });

  test.each([
    ['one machine', ONE, 'itirp.service', []],
    ['one machine', ONE, 'itirp-doctor.service', []],
    ['many machines', MANY, 'itirp@.service', ['kafka-password.conf']],
    ['many machines', MANY, 'itirp-doctor@.service', ['kafka-password.conf']],
  ])('on %s its settings hold: %#', (where, file, name, dropIns) => {
    expect(settingsIn(file)).toHaveProperty(where === 'one machine' ? 'BACKUP_TO' : 'KAFKA_USERNAME');
    const folder = mkdtempSync(join(tmpdir(), 'itirp-credentials-'));
    try {
      for (const id of ['secret_key', 'backup_key', 'kafka_password'])
        writeFileSync(join(folder, id), '9f86d081'.repeat(8));
      writeFileSync(join(folder, 'postgres_url'), 'postgres://itirp@db-1,db-2/itirp');
      writeFileSync(join(folder, 'redis_url'), 'rediss://redis');
      const environment = environmentOf([unitOf(name), ...dropIns.map(unitOf)], settingsIn(file), {
        d: folder,
        i: 'engine',
        H: 'machine-1',
        S: '/var/lib',
      });
      expect(judgeConfig(environment, false).wrong).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('backups leave the machine', () => {
  const settings = settingsIn(readFileSync(join(here, 'itirp.env.example'), 'utf8'));
  test.each(['itirp-backup.service', 'itirp-drill.service', 'itirp-doctor.service'])(
    'from a folder that %s may write to',
    (name) => {
      const [states = ''] = unitOf(name).valuesOf('Service', 'StateDirectory');
      expect(states.split(' ').map((folder) => `/var/lib/${folder}`)).toContain(settings.BACKUP_TO);
    },
  );
  test.each(named(services))('to S3: with s3.conf %s reaches it, and without it does not', (_name, unit) => {
    const folder = mkdtempSync(join(tmpdir(), 'itirp-credentials-'));
    try {
      writeFileSync(join(folder, 's3_secret_access_key'), '9f86d081'.repeat(5));
      const s3 = { ...settings, S3_ACCESS_KEY_ID: 'itirp' };
      const reach = (given: readonly UnitFile[]) => () =>
        vaultAt('s3://bucket/backups', judgeConfig(environmentOf(given, s3, { d: folder }), true).config);
      expect(reach([unit, unitOf('s3.conf')])).not.toThrow();
      expect(reach([unit])).toThrow('needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the page', () => {
  const many = page.slice(page.indexOf('## Many machines'), page.indexOf('## Containers'));
  test.each(named(units.filter(({ name }) => !name.endsWith('.timer'))))('shows %s', (name) => {
    expect(page).toContain(
      name.endsWith('.conf') ? `../../deploy/systemd/${name}` : name.replace(/\.service$/, ''),
    );
  });
  test('installs on many machines the role and its examination, and each drop-in for both', () => {
    expect(many).toMatch(
      /^install .*deploy\/systemd\/itirp@\.service deploy\/systemd\/itirp-doctor@\.service /m,
    );
    expect(many).toMatch(/for unit in itirp@\.service itirp-doctor@\.service; do.*\n.*kafka-password\.conf/);
    expect(many).toMatch(/systemctl start itirp-doctor@engine/);
  });
  test('gives the timers to one of many machines, with the way to the database and without the service', () => {
    expect(many).toContain('deploy/systemd/itirp-{backup,drill,verify}.{service,timer} /etc/systemd/system/');
    expect(many).toContain('/etc/systemd/system/itirp-.service.d/external-postgres.conf');
    expect(many).toContain('systemctl enable --now itirp-{backup,drill,verify}.timer');
  });
  test('installs the way to S3 for the jobs and for who keeps checkpoints there', () => {
    expect(page).toMatch(
      /for unit in itirp-\.service itirp\.service; do.* itirp@\.service\n.*systemd\/s3\.conf/,
    );
  });
});

test.each(named(timers))(
  '%s wakes a service that there is, and makes up for what it missed',
  (name, unit) => {
    expect(services.map((each) => each.name)).toContain(name.replace('.timer', '.service'));
    expect(unit.valuesOf('Timer', 'Persistent')).toEqual(['yes']);
  },
);
