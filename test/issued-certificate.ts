/** A certificate as Kubernetes mounts it: two links into a folder that is exchanged as a whole with each new issue. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { selfSigned } from './certificate.ts';

export type Pair = ReturnType<typeof selfSigned>;

export class IssuedCertificate {
  readonly #folder = mkdtempSync(join(tmpdir(), 'itirp-issued-'));
  #issues = 0;

  constructor(first: Pair) {
    this.issue(first);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(this.#folder, name));
  }

  get certFile(): string {
    return join(this.#folder, 'tls.crt');
  }
  get keyFile(): string {
    return join(this.#folder, 'tls.key');
  }

  /** Both files at once. */
  issue({ certificate, key }: Pair): void {
    this.#issues += 1;
    const name = `..issue-${this.#issues}`;
    mkdirSync(join(this.#folder, name));
    writeFileSync(join(this.#folder, name, 'tls.crt'), certificate);
    writeFileSync(join(this.#folder, name, 'tls.key'), key);
    const link = join(this.#folder, '..data_tmp');
    symlinkSync(name, link);
    renameSync(link, join(this.#folder, '..data'));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
