/** compose.yaml as its tool reads it, and as we promise that it is: pinned, closed, without a secret, and whole. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../src/main/config.ts';
import { loadConfig } from '../../src/main/load-config.ts';
import { findProgram } from '../../stack/programs.ts';
import { softwareFolder } from '../../stack/software.ts';
import { FOLDER, isItirp, isJob, makeSecrets, readCompose, withDefaults } from './testing/compose-file.ts';
import { type Compose, findCompose } from './testing/compose-tool.ts';

const { services, networks, volumes, secrets } = readCompose();
const all = Object.entries(services);
const running = all.filter(([, service]) => !isJob(service));
const ours = all.filter(([, service]) => isItirp(service));
const inProfile = (profile: string): readonly string[] =>
  all.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);

let compose: Compose;
let folder: string;
beforeAll(async () => {
  compose = await findCompose();
  folder = mkdtempSync(join(tmpdir(), 'itirp-secrets-'));
  makeSecrets(join(folder, 'made'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const secretFile = (name: string): string => join(folder, 'made', name);

describe('the tool', () => {
  test.each(['dev', 'full'])('takes the profile %s, and all that it starts', async (profile) => {
    expect(await compose('--profile', profile, 'config', '--quiet')).toBe('');
    const listed = (await compose('--profile', profile, 'config', '--services')).trim().split('\n');
    expect(listed).toEqual(expect.arrayContaining([...inProfile(profile)]));
  });

  test('HAProxy takes its files with the variables that it is given', async () => {
    const { file, env } = await findProgram('haproxy', softwareFolder());
    const given = Object.entries(services.haproxy?.environment ?? {});
    const environment = Object.fromEntries(given.map(([name, value]) => [name, withDefaults(value)]));
    const configs = ['containers.cfg', 'haproxy.cfg'].map((name) => join(FOLDER, '..', 'haproxy', name));
    const args = ['-c', ...configs.flatMap((config) => ['-f', config])];
    const said = execFileSync(file, args, {
      env: { ...process.env, ...env, ...environment },
      encoding: 'utf8',
    });
    expect(said).toContain('Configuration file is valid');
    const wanted = readFileSync(configs[1] ?? '', 'utf8').matchAll(/\$\{(\w+)/g);
    for (const [, name = ''] of wanted) expect(environment).toHaveProperty(name);
  });
});

describe('what there is', () => {
  test('one process for a laptop, every role often enough to lose one for all else', () => {
    expect(inProfile('dev')).toEqual(['itirp']);
    const roles = ours.map(([, { environment }]) => environment?.ROLE);
    const count = (role: string): number => roles.filter((each) => each === role).length;
    expect(['api', 'engine', 'projector', 'publisher'].map(count)).toEqual([3, 3, 2, 2]);
    const stands = ['postgres', 'redis', 'kafka', 'migrate', 'haproxy', 'prometheus', 'grafana'];
    expect(inProfile('full')).toEqual(expect.arrayContaining(stands));
  });

  test('Prometheus finds every process of ITIRP, and HAProxy, where they are', () => {
    const read = (job: string): readonly { readonly targets: readonly string[] }[] =>
      parse(readFileSync(join(FOLDER, '..', 'prometheus', 'targets', `${job}.yml`), 'utf8')) as [];
    const targets = read('itirp').flatMap((group) => group.targets);
    const serving = ours.filter(([, { environment }]) => environment?.ROLE !== undefined);
    expect([...targets].sort()).toEqual(serving.map(([name]) => `${name}:8000`).sort());
    expect(read('haproxy').flatMap((group) => group.targets)).toEqual(['haproxy:8404']);
    expect(services.haproxy?.environment?.ITIRP_STATS).toBe('*:8404');
  });

  test.each([
    ['backup', 'hour', '3600', '0'],
    ['verify', 'night at two', '86400', String(2 * 3600)],
    ['drill', 'Sunday at six', '604800', String(3 * 86_400 + 6 * 3600)], // 1970 began on a Thursday
  ])(
    '%s runs every %s, so that nobody is called for want of one, and is well no longer than that',
    (name, _, ...clock) => {
      const { entrypoint, command, volumes: mounts, healthcheck } = services[name] ?? {};
      expect(entrypoint).toEqual(['/usr/bin/tini', '--', '/bin/sh', '/etc/itirp/regularly.sh']); // tested beside it
      expect(command).toEqual([...clock, name]);
      expect(mounts).toContain('./regularly.sh:/etc/itirp/regularly.sh:ro');
      const minutes = Number(/-mmin -(\d+)/.exec(healthcheck?.test?.join() ?? '')?.[1]);
      const periods = (minutes * 60) / Number(clock[0]);
      expect([periods > 1, periods <= 2]).toEqual([true, true]);
    },
  );

  test('a drill tries the backups that are taken, once there is one, and cannot harm them', () => {
    const { backup, drill } = services;
    expect(backup?.healthcheck?.test?.join()).toContain(backup?.environment?.BACKUP_TO);
    expect(drill?.environment?.BACKUP_TO).toBe(backup?.environment?.BACKUP_TO);
    expect(backup?.volumes).toContain('backups:/var/lib/itirp');
    expect(drill?.volumes).toContain('backups:/var/lib/itirp:ro');
    expect(drill?.depends_on).toEqual({ backup: { condition: 'service_healthy' } });
  });

  test.each(all)('%s is pinned to a version', (_name, { image }) => {
    expect(withDefaults(image)).toMatch(/:v?\d+\.\d+\.\d+[\w.-]*$/);
  });

  test.each(running)('%s says how it is, and is started again', (_name, { healthcheck, restart }) => {
    expect(healthcheck?.test?.[0]).toMatch(/^CMD(-SHELL)?$/);
    expect(restart).toBe('unless-stopped');
  });

  test.each(all)('%s waits for what it needs to be well, or done', (_name, { depends_on = {} }) => {
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const service = services[needed];
      const isDone = service !== undefined && isJob(service);
      expect([needed, condition]).toEqual([
        needed,
        isDone ? 'service_completed_successfully' : 'service_healthy',
      ]);
    }
  });

  test.each(all)('every file and volume of %s is there', (_name, { volumes: mounts = [] }) => {
    for (const [source = '', , mode] of mounts.map((mount) => mount.split(':'))) {
      if (!source.startsWith('.')) expect(volumes).toHaveProperty(source);
      else expect([source, existsSync(join(FOLDER, source)), mode]).toEqual([source, true, 'ro']);
    }
  });
});

describe('what is closed', () => {
  test.each(all)('%s has no rights, no disk of its own to write, and bounds', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      user: expect.stringMatching(/^[1-9]\d*:\d+$/),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      cpus: expect.any(Number),
      pids_limit: expect.any(Number),
      logging: { options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
    });
    expect(service.privileged).toBeUndefined();
  });

  test.each(all)(
    '%s is reached on the loopback address alone, if at all',
    (_name, { ports = [], networks: on }) => {
      for (const port of ports) expect(withDefaults(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const network of on) expect(networks).toHaveProperty(network);
      if (ports.length === 0) expect(on).toEqual(['inside']);
    },
  );

  test('the inner network leads nowhere', () => {
    expect(networks.inside).toEqual({ internal: true });
  });
});

describe('secrets', () => {
  test('are made once, at random, in a folder that is closed to others', () => {
    const before = readdirSync(join(folder, 'made')).map((name) => readFileSync(secretFile(name), 'utf8'));
    expect(makeSecrets(join(folder, 'made'))).not.toContain('made');
    const after = readdirSync(join(folder, 'made')).map((name) => readFileSync(secretFile(name), 'utf8'));
    expect(after).toEqual(before);
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700);
    makeSecrets(join(folder, 'others'));
    for (const name of readdirSync(join(folder, 'others'))) {
      expect(readFileSync(join(folder, 'others', name), 'utf8')).not.toBe(
        readFileSync(secretFile(name), 'utf8'),
      );
    }
  });

  test('are all made by the script, kept out of version control, and given to who asks for them alone', () => {
    const made = readdirSync(join(folder, 'made')).sort();
    expect(Object.keys(secrets).sort()).toEqual(made);
    for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`./secrets/${name}`);
    execFileSync('git', ['check-ignore', '--quiet', 'secrets/secret_key'], { cwd: FOLDER });
    const given = new Set(all.flatMap(([, service]) => service.secrets ?? []));
    expect([...given].sort()).toEqual(made);
  });

  test.each(all)('none is in the environment of %s', (_name, { environment = {}, secrets: given = [] }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (/PASSWORD|SECRET|TOKEN|_URL|ACCESS_KEY/.test(name)) expect(name).toMatch(/_FILE$/);
      const file = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
      if (name.endsWith('_FILE')) expect(given).toContain(file);
      expect(value).not.toMatch(/:\/\/[^/]*@/);
    }
  });
});

test.each(ours)(
  '%s starts with settings that ITIRP has and takes',
  (_name, { environment = {}, command }) => {
    const given = Object.entries(environment).map(([name, value]) => [
      name,
      withDefaults(value).replace(/^\/run\/secrets\/(.+)$/, (_whole, file: string) => secretFile(file)),
    ]);
    for (const [name = ''] of given) expect(SETTINGS).toHaveProperty(name.replace(/_FILE$/, ''));
    const demo = command?.includes('--demo') === true ? { ENVIRONMENT: 'demo' } : {};
    const config = loadConfig({ ...Object.fromEntries(given), ...demo });
    expect(config.SECRET_KEY?.length ?? 64).toBe(64);
  },
);
