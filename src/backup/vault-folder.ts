/** Backups in a folder: written beside their name, flushed to the disk, and moved there when they are whole. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { isPlainName, type Stored, type Vault } from './vault.ts';

/** What is being written begins with a dot and tells its writer: `.NAME.PID.part`. */
const UNFINISHED = /^\..+\.(\d+)\.part$/;

export class FolderVault implements Vault {
  readonly says: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.says = this.#folder;
  }

  async list(): Promise<readonly Stored[]> {
    return await this.#within(async () => {
      const found = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const names = found.filter(isPlainName);
      return await Promise.all(
        names.map(async (name) => ({ name, bytes: (await stat(join(this.#folder, name))).size })),
      );
    });
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const unfinished = join(this.#folder, `.${name}.${process.pid}.part`);
    const file = await this.#within(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return await open(unfinished, 'w', 0o600);
    });
    try {
      for await (const chunk of content) await this.#within(() => file.writeFile(chunk));
      await this.#within(async () => {
        await file.sync();
        await file.close();
        await rename(unfinished, join(this.#folder, name));
        await this.#flushFolder();
      });
    } catch (error) {
      await file.close().catch(() => {});
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    try {
      const stream = createReadStream(join(this.#folder, name), { highWaterMark: 1 << 20 });
      for await (const chunk of stream) yield chunk as Uint8Array;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#within(async () => {
      await rm(join(this.#folder, name), { force: true });
      await this.#flushFolder();
    });
  }

  async sweep(): Promise<void> {
    await this.#within(async () => {
      for (const name of await readdir(this.#folder).catch(() => [])) {
        const pid = Number(UNFINISHED.exec(name)?.[1] ?? Number.NaN);
        if (!Number.isNaN(pid) && !isAlive(pid)) await rm(join(this.#folder, name), { force: true });
      }
    });
  }

  /** A name is as safe as its folder is. Not every system lets folders be flushed. */
  async #flushFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #within<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

const unavailable = (error: unknown): Fault =>
  error instanceof Fault ? error : new Fault('BACKUP_UNAVAILABLE', messageOf(error), { cause: error });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
