import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Download, fetchAll } from './download.ts';
import { scratchFolder } from './scratch.ts';

const CONTENT = 'what was published';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** Serves what `answer` says for each request, the first being number 1. */
async function published(
  answer: (request: number) => string | undefined,
): Promise<{ url: string; asked(): number }> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    const text = answer(requests);
    if (text === undefined) response.destroy();
    else response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`, asked: () => requests };
}

async function wanted(url: string): Promise<Download> {
  const file = join(await scratchFolder(), 'new', 'file.jar');
  return { url, file, sha256: SHA256, bytes: CONTENT.length };
}

test('a line that breaks is tried again, and what is there is not fetched again', async () => {
  const site = await published((request) => (request === 1 ? undefined : CONTENT));
  const download = await wanted(site.url);
  await fetchAll([download]);
  expect(await readFile(download.file, 'utf8')).toBe(CONTENT);
  await fetchAll([download]);
  expect(site.asked()).toBe(2);
});

test('what is not what was locked is refused by name and leaves no file', async () => {
  const site = await published(() => 'something else');
  const download = await wanted(site.url);
  await expect(fetchAll([download], undefined, 1)).rejects.toThrow(/file cannot be had .*SHA-256/);
  expect(await readdir(join(download.file, '..', '..'), { recursive: true })).toEqual([]);
});

test('a file that was damaged on the disk is fetched anew', async () => {
  const site = await published(() => CONTENT);
  const download = await wanted(site.url);
  await fetchAll([download]);
  await writeFile(download.file, 'half of it');
  await fetchAll([download]);
  expect(await readFile(download.file, 'utf8')).toBe(CONTENT);
});
