/**
 * A signed word on where a shard's journal ended, kept outside the database: a chain alone cannot show a cut tail.
 *
 * One line of JSON each. `previous` is the SHA-256 of the whole line before, so none can be taken out or put in between;
 * the signature (Ed25519) is over the line without it.
 */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';

export interface Checkpoint {
  readonly version: 1;
  readonly shard: string;
  /** Counts from 1 in each file. */
  readonly sequence: number;
  readonly position: number;
  /** Hexadecimal: the hash of the row that ends there; null while the journal is empty. */
  readonly head: string | null;
  /** A state that is known from a snapshot, of this position or an earlier one. */
  readonly state: CheckpointState | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Hexadecimal; null in the first line of a file. */
  readonly previous: string | null;
  /** Which key signed it: the beginning of the SHA-256 of the public key. */
  readonly key: string;
}

export interface CheckpointState {
  readonly position: number;
  readonly hash: string;
  /** Of the state's form, which the hash goes by; undefined: the program that signed it did not say yet. */
  readonly version?: number | undefined;
}

export interface CheckpointKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

const FIELDS = [
  'version',
  'shard',
  'sequence',
  'position',
  'head',
  'state',
  'at',
  'previous',
  'key',
] as const;

/** The signed bytes: the fields in their order, and nothing else. */
const bytesOf = (checkpoint: Checkpoint): Buffer =>
  Buffer.from(JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, checkpoint[field]]))));

/** The line to keep, without its end. */
export function lineOf(checkpoint: Checkpoint, key: CheckpointKey): string {
  const bytes = bytesOf(checkpoint);
  const signature = sign(null, bytes, key.privateKey).toString('base64');
  return `${bytes.toString('utf8').slice(0, -1)},"signature":"${signature}"}`;
}

export const hashOfLine = (line: string): string => createHash('sha256').update(line).digest('hex');

/** What is wrong with the lines of a file, from which one on. */
export interface WrongCheckpoint {
  /** From 1. */
  readonly line: number;
  readonly wrong: string;
}

export interface ReadCheckpoints {
  readonly checkpoints: readonly Checkpoint[];
  readonly wrong: WrongCheckpoint | undefined;
}

/** Those that hold, up to the first that does not. `keys`: those that are trusted, by their ids. */
export function readCheckpoints(
  lines: readonly string[],
  shard: string,
  keys: ReadonlyMap<string, KeyObject>,
): ReadCheckpoints {
  const checkpoints: Checkpoint[] = [];
  for (const [index, line] of lines.entries()) {
    const read = parse(line);
    const before = checkpoints.at(-1);
    const previous = index === 0 ? null : hashOfLine(lines[index - 1] ?? '');
    const wrong =
      read === undefined ? 'it does not read' : wrongWith(read, { shard, keys, before, previous });
    if (read === undefined || wrong !== undefined) {
      return { checkpoints, wrong: { line: index + 1, wrong: wrong ?? 'it does not read' } };
    }
    checkpoints.push(read.checkpoint);
  }
  return { checkpoints, wrong: undefined };
}

interface Signed {
  readonly checkpoint: Checkpoint;
  readonly signature: Buffer;
}

interface Context {
  readonly shard: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly before: Checkpoint | undefined;
  readonly previous: string | null;
}

function parse(line: string): Signed | undefined {
  try {
    const { signature, ...checkpoint } = JSON.parse(line) as Checkpoint & { signature?: unknown };
    if (typeof signature !== 'string' || checkpoint.version !== 1) return undefined;
    return { checkpoint, signature: Buffer.from(signature, 'base64') };
  } catch {
    return undefined;
  }
}

function wrongWith({ checkpoint, signature }: Signed, { shard, keys, before, previous }: Context) {
  const key = keys.get(checkpoint.key);
  if (key === undefined) return `its key ${checkpoint.key} is not a trusted one`;
  if (!verify(null, bytesOf(checkpoint), key, signature)) return 'its signature is forged';
  if (checkpoint.shard !== shard) return `it is of ${checkpoint.shard}`;
  if (checkpoint.previous !== previous || checkpoint.sequence !== (before?.sequence ?? 0) + 1) {
    return `one before it is missing or was changed`;
  }
  if (checkpoint.position < (before?.position ?? 0)) return 'its position is before the last one';
  return undefined;
}
