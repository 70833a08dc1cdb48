/** The units for systemd say what the program knows: its settings, its commands, and the same locks on every door. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownCommands, wrongCall } from '../../scripts/docs/commands.ts';
import { SETTINGS } from '../../src/main/config.ts';
import { parse, type UnitFile, unitFiles } from './unit-file.ts';

const here = import.meta.dirname;
const units = unitFiles();
const services = units.filter(({ name }) => name.endsWith('.service'));
const timers = units.filter(({ name }) => name.endsWith('.timer'));
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
    'itirp-drill.service',
    'itirp-drill.timer',
    'itirp-verify.service',
    'itirp-verify.timer',
    'itirp.service',
    'itirp@.service',
    'kafka-password.conf',
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

test.each(named(timers))(
  '%s wakes a service that there is, and makes up for what it missed',
  (name, unit) => {
    expect(services.map((each) => each.name)).toContain(name.replace('.timer', '.service'));
    expect(unit.valuesOf('Timer', 'Persistent')).toEqual(['yes']);
  },
);
