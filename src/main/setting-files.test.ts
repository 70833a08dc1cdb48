/** Settings in files: what is taken, what is refused, and that no name has two meanings. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { SETTINGS } from './config.ts';
import { loadConfig } from './load-config.ts';
import { fileOf, overlaid } from './setting-files.ts';

const SECRET = '3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'itirp-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('a setting in a file', () => {
  test.each([
    ['as it stands', SECRET],
    ['but for one line break', `${SECRET}\n`],
    ['but for one line break of Windows', `${SECRET}\r\n`],
  ])('is taken %s', (_, content) => {
    expect(loadConfig({ SECRET_KEY_FILE: file('secret', content) }).SECRET_KEY).toBe(SECRET);
  });

  test('loses one line break and no more, and keeps its blanks', () => {
    const environment = { KAFKA_USERNAME: 'u', KAFKA_PASSWORD_FILE: file('password', ' two\n\n') };
    expect(loadConfig(environment, true).KAFKA_PASSWORD).toBe(' two\n');
  });

  test('is read as its kind is, and what is wrong with it is said under its name', () => {
    expect(loadConfig({ PORT_FILE: file('port', '8100\n') }, true).PORT).toBe(8100);
    expect(() => loadConfig({ PORT_FILE: file('port', 'many') }, true)).toThrow(
      'PORT is not a whole number from 0 to 65535',
    );
  });

  test('is found behind the links that Kubernetes mounts secrets by, whoever may read it', () => {
    mkdirSync(join(folder, '..2026'));
    writeFileSync(join(folder, '..2026', 'key'), SECRET, { mode: 0o444 });
    symlinkSync('..2026', join(folder, '..data'));
    symlinkSync(join('..data', 'key'), join(folder, 'key'));
    expect(loadConfig({ SECRET_KEY_FILE: join(folder, 'key') }).SECRET_KEY).toBe(SECRET);
  });

  test.each(Object.keys(SETTINGS))('is possible for %s', (name) => {
    expect(() => loadConfig({ [fileOf(name)]: join(folder, 'none') }, true)).toThrow(
      `${fileOf(name)}: ${join(folder, 'none')} is not there`,
    );
  });
});

describe('refused, in one message', () => {
  test('a setting that is given both ways, and neither value is shown', () => {
    const environment = { SECRET_KEY: `a${SECRET}`, SECRET_KEY_FILE: file('secret', SECRET) };
    expect(() => loadConfig(environment)).toThrow(
      /^the configuration does not hold: SECRET_KEY and SECRET_KEY_FILE are both given: leave one out$/,
    );
  });

  test.each([
    ['is not there', () => join(folder, 'none')],
    ['is not there', () => join(file('secret', SECRET), 'below')],
    ['is no file', () => folder],
    ['is no file', () => '/dev/zero'],
    ['is empty', () => file('secret', '')],
    ['is empty', () => file('secret', '\n')],
    ['is not text', () => file('secret', Buffer.from([0xff, 0xfe, 0xfd]))],
    ['is larger than 65536 bytes', () => file('secret', 'x'.repeat(65_537))],
  ])('a file that %s', (says, pathOf) => {
    const path = pathOf();
    const only = new Fault('CONFIG_INVALID', `SECRET_KEY_FILE: ${path} ${says}`);
    expect(() => loadConfig({ SECRET_KEY_FILE: path })).toThrow(only);
  });

  test('a file that its reader may not read', () => {
    const path = file('closed', SECRET);
    chmodSync(path, 0o000);
    const isRoot = process.getuid?.() === 0; // whom no mode keeps out: it is taken then
    const says = isRoot ? 'it was taken' : 'may not be read by this user';
    expect(() => {
      loadConfig({ SECRET_KEY_FILE: path });
      throw new Error('it was taken');
    }).toThrow(says);
  });
});

describe('no name has two meanings', () => {
  test('no setting is called as the file of another one', () => {
    const names = Object.keys(SETTINGS);
    expect(names.filter((name) => names.includes(fileOf(name)))).toEqual([]);
  });

  test('a setting that names a file keeps the path as its value', () => {
    const path = file('backup.key', SECRET);
    const paths = { BACKUP_KEY_FILE: path, CHECKPOINT_KEY_FILE: path, QUOTES_FILE: path };
    expect(loadConfig(paths, true)).toMatchObject(paths);
    expect(loadConfig({ BACKUP_KEY_FILE_FILE: file('path', path) }, true).BACKUP_KEY_FILE).toBe(path);
  });

  test('an empty name of a file is none, and a flag wins over the file of its setting', () => {
    expect(loadConfig({ PORT: '8100', PORT_FILE: '' }, true).PORT).toBe(8100);
    const environment = overlaid({ PORT_FILE: file('port', '8100'), HOST: '::1' }, { PORT: '8200' });
    expect(loadConfig(environment, true)).toMatchObject({ PORT: 8200, HOST: '::1' });
  });
});
