/** Kafka's broker as it is published on Maven Central: the jars that `kafka-jars.lock.json` names, no build tool needed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Download, fetchAll } from './download.ts';

interface Lock {
  readonly kafka: string;
  readonly repository: string;
  readonly jars: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** Says what is being done, for whoever waits. */
export type Say = (message: string) => void;

const MEGABYTE = 1e6;

/**
 * The class path of the broker; fetches what is not yet below `software`. Set `MAVEN_REPOSITORY` to use a mirror.
 * @throws Error naming the jar that cannot be had
 */
export async function kafkaClassPath(software: string, say: Say = () => {}): Promise<string> {
  const lock = JSON.parse(await readFile(new URL('kafka-jars.lock.json', import.meta.url), 'utf8')) as Lock;
  const mirror = process.env.MAVEN_REPOSITORY;
  const repository = mirror === undefined || mirror === '' ? lock.repository : mirror.replace(/\/$/, '');
  const folder = join(software, `kafka-${lock.kafka}`);
  const downloads: Download[] = lock.jars.map(({ path, bytes, sha256 }) => ({
    url: `${repository}/${path}`,
    file: join(folder, path.split('/').at(-1) ?? path),
    bytes,
    sha256,
  }));
  let saidAt = 0;
  const progress = (done: number, total: number): void => {
    const percent = Math.floor((100 * done) / total);
    if (percent < 100 && percent < saidAt + 20) return;
    saidAt = percent;
    say(`Kafka ${lock.kafka}: ${percent} % of ${(total / MEGABYTE).toFixed(0)} MB`);
  };
  await fetchAll(downloads, progress).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = `MAVEN_REPOSITORY names a mirror, or put the jars of the lock file into ${folder}`;
    throw new Error(`Kafka is not on this machine: ${why}; ${remedy}`, { cause: error });
  });
  return join(folder, '*');
}
