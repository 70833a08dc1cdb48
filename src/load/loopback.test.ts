import { describe, expect, test } from 'vitest';
import { Control } from './control.ts';
import { startDeployment } from './deployment.fixture.ts';
import { addressesOf, areLoopback } from './loopback.ts';
import { pinnedLookup } from './pinned-addresses.ts';
import { HttpTransport } from './transport-http.ts';

const isLoopback = async (url: string): Promise<boolean> => areLoopback(await addressesOf(new URL(url)));

test.each([
  'http://127.0.0.1:8000',
  'http://127.9.9.9',
  'http://[::1]:8000',
  'https://localhost',
  'http://[::ffff:127.0.0.1]',
])('%s is this machine', async (url) => expect(await isLoopback(url)).toBe(true));

test.each([
  'http://10.0.0.1',
  'http://192.0.2.1:8000',
  'http://[2001:db8::1]',
  'http://0.0.0.0',
  'http://nobody.invalid',
])('%s is not', async (url) => expect(await isLoopback(url)).toBe(false));

describe('a name that was judged', () => {
  test('leads to that address, whatever it leads to now: for requests, and for what is asked beside them', async () => {
    const deployment = await startDeployment();
    const url = new URL(`http://rebound.invalid:${deployment.url.port}`); // leads nowhere by itself
    const lookup = pinnedLookup(new Map([['rebound.invalid', [{ address: '127.0.0.1', family: 4 }]]]));
    await new Control([url], lookup).logIn({ name: 'trader1', password: 'trader123' });
    const transport = new HttpTransport({ urls: [url], connectionsMax: 1, timeoutMs: 5_000, lookup });
    await expect.poll(() => transport.hasRoom()).toBe(true);
    transport.close();
    await deployment.close();
  });
  test('and any other leads where it does', async () => {
    const lookup = pinnedLookup(new Map());
    const url = new URL('http://nobody.invalid');
    await expect(new Control([url], lookup).logIn({ name: 'a', password: 'b' })).rejects.toThrow(
      'nobody.invalid',
    );
  });
});
