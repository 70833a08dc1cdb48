/** Backups in S3-compatible storage, path style: uploaded in parts, visible when the last one is confirmed. */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { messageOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { ByteReader } from './byte-reader.ts';
import { isPlainName, type Stored, type Vault } from './vault.ts';

export interface S3Options {
  /** As `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  /** Before each name, with a slash at its end; may be empty. */
  readonly prefix: string;
  /** Bytes of a part. Default: 16 MiB. Storage takes 10,000 parts of at least 5 MiB. */
  readonly partBytes?: number;
}

const PART_BYTES = 16 << 20;
/** After so many parts they get four times as large: 10,000 of them then hold 2 TiB. */
const PARTS_OF_A_SIZE = 3_000;
const ANSWER_MS_MAX = 120_000;
/** An upload that is older has no writer any more, in milliseconds. */
const ABANDONED_MS = 2 * 24 * 3_600_000;

export class S3Vault implements Vault {
  readonly says: string;
  readonly #options: S3Options;
  readonly #client: AwsClient;

  constructor(options: S3Options) {
    this.#options = options;
    this.says = `s3://${options.bucket}/${options.prefix}`;
    const { accessKeyId, secretAccessKey, region } = options;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 4 });
  }

  async list(): Promise<readonly Stored[]> {
    const { prefix } = this.#options;
    const stored: Stored[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const query = { 'list-type': '2', prefix, ...(token === '' ? {} : { 'continuation-token': token }) };
      const page = await (await this.#ask('GET', '', query)).text();
      for (const entry of elements(page, 'Contents')) {
        const name = (element(entry, 'Key') ?? '').slice(prefix.length);
        if (isPlainName(name)) stored.push({ name, bytes: Number(element(entry, 'Size')) });
      }
      token = element(page, 'NextContinuationToken');
    }
    return stored;
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const reader = new ByteReader(content);
    try {
      const first = await reader.takeUpTo(this.#sizeOf(1));
      if (await reader.isAtEnd()) await (await this.#ask('PUT', name, {}, first)).text();
      else await this.#upload(name, first, reader);
    } finally {
      await reader.close();
    }
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const { body } = await this.#ask('GET', name, {});
    try {
      if (body !== null) yield* body;
    } catch (error) {
      throw unavailable(messageOf(error), error);
    }
  }

  async remove(name: string): Promise<void> {
    await (await this.#ask('DELETE', name, {})).text();
  }

  async sweep(): Promise<void> {
    const page = await (await this.#ask('GET', '', { uploads: '', prefix: this.#options.prefix })).text();
    for (const upload of elements(page, 'Upload')) {
      const begun = Date.parse(element(upload, 'Initiated') ?? '');
      const name = (element(upload, 'Key') ?? '').slice(this.#options.prefix.length);
      if (!(begun < Date.now() - ABANDONED_MS) || !isPlainName(name)) continue;
      await this.#ask('DELETE', name, { uploadId: element(upload, 'UploadId') ?? '' });
    }
  }

  async #upload(name: string, first: Buffer, reader: ByteReader): Promise<void> {
    const begun = await (await this.#ask('POST', name, { uploads: '' })).text();
    const uploadId = element(begun, 'UploadId');
    if (uploadId === undefined) throw unavailable('it gave the upload no id');
    try {
      const parts: string[] = [];
      for (let part = first, n = 1; ; n += 1) {
        const etag = await this.#uploadPart(name, uploadId, n, part);
        parts.push(`<Part><PartNumber>${n}</PartNumber><ETag>${etag}</ETag></Part>`);
        if (await reader.isAtEnd()) break;
        part = await reader.takeUpTo(this.#sizeOf(n + 1));
      }
      const all = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
      const answer = await (await this.#ask('POST', name, { uploadId }, all)).text();
      if (answer.includes('<Error>')) throw unavailable(answer); // it may come under status 200
    } catch (error) {
      await this.#ask('DELETE', name, { uploadId }).catch(() => {}); // `sweep` comes for it
      throw error;
    }
  }

  async #uploadPart(name: string, uploadId: string, n: number, part: Buffer): Promise<string> {
    const answer = await this.#ask('PUT', name, { partNumber: String(n), uploadId }, part);
    await answer.text();
    const etag = answer.headers.get('etag');
    if (etag === null) throw unavailable(`part ${n} was not confirmed`);
    return etag;
  }

  /** Of the n-th part. */
  #sizeOf(n: number): number {
    return (this.#options.partBytes ?? PART_BYTES) * 4 ** Math.floor((n - 1) / PARTS_OF_A_SIZE);
  }

  /** Signed, the body's checksum with it: storage refuses what was damaged on the way. */
  async #ask(
    method: string,
    name: string,
    query: Readonly<Record<string, string>>,
    body: Buffer = Buffer.alloc(0),
  ): Promise<Response> {
    const { endpoint, bucket, prefix } = this.#options;
    const key = name === '' ? '' : `/${prefix}${name}`;
    const url = new URL(`${endpoint.replace(/\/$/, '')}/${bucket}${key}`);
    for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value);
    const headers = { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') };
    const payload = method === 'PUT' || method === 'POST' ? { body: new Uint8Array(body) } : {};
    const patience = new AbortController(); // for the answer to begin: a large body may take its time
    const timer = setTimeout(() => patience.abort(new Error('no answer in time')), ANSWER_MS_MAX);
    const { signal } = patience;
    const asked = this.#client.fetch(url, { method, headers, signal, ...payload });
    const answer = await asked
      .catch((error: unknown) => {
        throw unavailable(`${this.says}: ${reasonOf(error)}`, error);
      })
      .finally(() => clearTimeout(timer));
    if (answer.ok) return answer;
    const says = await answer.text().catch(() => '');
    const code = element(says, 'Code') ?? says.slice(0, 200);
    throw unavailable(`${this.says}${name}: ${answer.status} ${code}`.trim());
  }
}

const unavailable = (says: string, cause?: unknown): Fault =>
  new Fault('BACKUP_UNAVAILABLE', says, { cause });

/** `fetch failed` says nothing; its cause does. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);

function elements(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(
    ([, inside]) => inside ?? '',
  );
}

function element(xml: string, tag: string): string | undefined {
  const [inside] = elements(xml, tag);
  return inside
    ?.replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
