/** Fetches published files over HTTPS: tried again when the line breaks, and kept only when their digest is the one expected. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

export interface Download {
  readonly url: string;
  /** Where it is to lie. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** This machine's authorities too: behind a company's proxy they are the only ones that vouch for anybody. */
const trustThisMachine = (): void =>
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);

const AT_ONCE = 6;
const ATTEMPTS_MAX = 5;
const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

/**
 * Fetches what is missing. `progress` hears of bytes that have come, of the bytes there are in all.
 * @param attemptsMax tries of each, with longer and longer pauses between them
 * @throws Error naming the address that could not be had
 */
export async function fetchAll(
  downloads: readonly Download[],
  progress: (bytesDone: number, bytesTotal: number) => void = () => {},
  attemptsMax = ATTEMPTS_MAX,
): Promise<void> {
  const checks = await Promise.all(downloads.map(async (each) => ({ each, isThere: await isWhole(each) })));
  const missing = checks.filter(({ isThere }) => !isThere).map(({ each }) => each);
  if (missing.length > 0) trustThisMachine();
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const queue = [...missing];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await fetchOne(next, attemptsMax);
      done += next.bytes;
      progress(done, total);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function isWhole({ file, sha256 }: Download): Promise<boolean> {
  const content = await readFile(file).catch(() => undefined);
  return content !== undefined && digest(content) === sha256;
}

const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function fetchOne(download: Download, attemptsMax: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await store(download, await contentOf(download));
      return;
    } catch (error) {
      if (attempt === attemptsMax) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`${download.url} cannot be had after ${attempt} tries: ${why}`, { cause: error });
      }
      await sleep(PAUSE_MS * 2 ** attempt);
    }
  }
}

async function contentOf({ url, sha256 }: Download): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  if (digest(content) !== sha256) throw new Error('its SHA-256 is not the one in the lock file');
  return content;
}

/** Beside its place, then moved: whoever reads the file reads all of it. */
async function store({ file }: Download, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(beside, content);
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}
