/** systemd's own judgement of the units: each would be loaded without a complaint, and none is exposed. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Analyze, DROP_INS, machineRoot, systemdAnalyze } from './systemd-analyze.ts';
import { unitFiles } from './unit-file.ts';

/** Of 10: below 2 systemd says OK; what is left is what a server is for (the network) and V8 (its own code). */
const EXPOSURE_MAX = 2;

let root: string;
let analyze: Analyze;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'itirp-units-'));
  analyze = await systemdAnalyze();
  await machineRoot(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A template is judged by one of its kind. */
const instances = (kind: string): readonly string[] =>
  unitFiles()
    .map(({ name }) => name.replace('@.', '@engine.'))
    .filter((name) => name.endsWith(kind));
const verify = (name: string, at = root) => analyze('verify', `--root=${at}`, '--man=no', name);

test.each([...instances('.service'), ...instances('.timer')])(
  '%s is loaded without a complaint',
  async (name) => {
    expect(await verify(name)).toEqual({ code: 0, says: '' });
  },
);

test.each(instances('.service'))('%s is hardly exposed', async (name) => {
  const { says } = await analyze('security', '--offline=yes', `--root=${root}`, name);
  const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(says)?.[1]);
  expect(exposure, says).toBeLessThan(EXPOSURE_MAX);
});

test.each([
  ['itirp-backup.timer', /Next elapse: /],
  ['itirp-drill.timer', /Sun .* 06:00:00 UTC/],
  ['itirp-verify.timer', /02:00:00 UTC/],
])('%s has a next time', async (name, says) => {
  const calendar =
    unitFiles()
      .find((unit) => unit.name === name)
      ?.valuesOf('Timer', 'OnCalendar')[0] ?? '';
  const told = await analyze('calendar', calendar);
  expect([told.code, told.says]).toEqual([0, expect.stringMatching(says)]);
});

/** Whom systemd gives each drop-in where the page puts it: a line that it does not know is complained of by them alone. */
test.each([
  // The examination of a role is given the same twice.
  [
    'external-postgres.conf',
    ['backup', 'doctor', 'doctor@engine', 'drill', 'verify'].map((job) => `itirp-${job}`).concat('itirp'),
  ],
  ['kafka-password.conf', ['itirp-doctor@engine', 'itirp@engine']],
  [
    's3.conf',
    ['backup', 'doctor', 'doctor@engine', 'drill', 'verify']
      .map((job) => `itirp-${job}`)
      .concat('itirp', 'itirp@engine'),
  ],
] as const)('%s reaches whom the page puts it for, and nobody else', async (dropIn, expected) => {
  const machine = await mkdtemp(join(tmpdir(), 'itirp-drop-ins-'));
  try {
    await machineRoot(machine);
    for (const folder of DROP_INS[dropIn]) {
      await appendFile(join(machine, 'etc', 'systemd', 'system', folder, dropIn), '\nReaches=yes\n');
    }
    const reached: string[] = [];
    for (const name of instances('.service')) {
      if ((await verify(name, machine)).says.includes(`${dropIn}:`))
        reached.push(name.replace('.service', ''));
    }
    expect(reached.sort()).toEqual([...expected].sort());
  } finally {
    await rm(machine, { recursive: true });
  }
});

test('the judge sees a directive that there is not, and a door that stands open', async () => {
  const unit = join(root, 'etc', 'systemd', 'system', 'itirp-verify.service');
  await appendFile(
    unit,
    '\n[Service]\nProtectEverything=yes\nUser=\nCapabilityBoundingSet=~\nProtectSystem=no\n',
  );
  expect((await verify('itirp-verify.service')).says).toContain('ProtectEverything');
  const { says } = await analyze('security', '--offline=yes', `--root=${root}`, 'itirp-verify.service');
  expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(says)?.[1])).toBeGreaterThan(EXPOSURE_MAX);
});
