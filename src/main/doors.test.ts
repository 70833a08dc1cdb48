/** Where the door listens, by what the settings say. */
import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { listen } from './doors.ts';
import { loadConfig } from './load-config.ts';

const TLS = { TLS_CERT_FILE: '/run/tls.crt', TLS_KEY_FILE: '/run/tls.key' };

async function askedFor(settings: Record<string, string>): Promise<object> {
  const config: Config = loadConfig({ PORT: '8100', ...settings }, true);
  let asked: object = {};
  const door = {
    listen: async (place: object): Promise<string> => {
      asked = place;
      return '';
    },
  };
  await listen(door, config);
  return asked;
}

test.each([
  [{ HOST: 'localhost' }, 'localhost'],
  [{ HOST: 'localhost', ...TLS }, '127.0.0.1'],
  [{ HOST: '::1', ...TLS }, '::1'],
  [{ HOST: '0.0.0.0', ...TLS }, '0.0.0.0'],
])('%j', async (settings, host) => {
  expect(await askedFor(settings)).toEqual({ host, port: 8100, backlog: 4_096 });
});
