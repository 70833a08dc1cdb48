/** What the stack remembers between two commands: its shape, its ports and its secrets, in one file for one user's eyes. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePorts, type Ports } from './layout.ts';

export interface Secrets {
  /** SECRET_KEY of every node: a token of one is good at all. */
  readonly secretKey: string;
  readonly postgresAdmin: string;
  readonly postgres: string;
  readonly redis: string;
  /** Of the users trader-a, trader-b, trader-c. */
  readonly traders: string;
}

export interface State {
  readonly version: 1;
  readonly brokers: number;
  readonly links: boolean;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** Settings of ITIRP's processes, over the stack's own. */
  readonly settings: Readonly<Record<string, string>>;
  /** Are the users there? */
  readonly hasUsers: boolean;
}

export interface Shape {
  /** 3 or 1. Default: STACK_BROKERS, else 3. */
  readonly brokers?: number | undefined;
  /** Leave room for a proxy on every way between two parts. Default false. */
  readonly links?: boolean | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

const PORT_BASE = 18_000;

const fileIn = (folder: string): string => join(folder, 'state.json');

export async function readState(folder: string): Promise<State | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  return text === undefined ? undefined : (JSON.parse(text) as State);
}

export async function writeState(folder: string, state: State): Promise<void> {
  await mkdir(folder, { recursive: true });
  const beside = `${fileIn(folder)}.new`;
  await writeFile(beside, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(beside, fileIn(folder));
}

/**
 * The stack in `folder` as it was made; a new one of the shape that is asked for where there is none.
 * @throws Error when it was made in another shape
 */
export async function ensureState(folder: string, shape: Shape): Promise<State> {
  const known = await readState(folder);
  if (known === undefined) return await makeState(folder, shape);
  const asked = shape.brokers ?? known.brokers;
  const links = shape.links ?? known.links;
  if (asked !== known.brokers || links !== known.links) {
    const words = `${known.brokers} brokers, ${known.links ? 'with' : 'without'} proxies`;
    throw new Error(
      `the stack in ${folder} was made with ${words}; \`npm run stack:down -- --wipe\` makes room`,
    );
  }
  if (shape.settings === undefined) return known;
  const state = { ...known, settings: shape.settings };
  await writeState(folder, state);
  return state;
}

async function makeState(folder: string, shape: Shape): Promise<State> {
  const brokers = shape.brokers ?? 3;
  if (brokers !== 1 && brokers !== 3) throw new Error('there are 3 brokers or 1 (STACK_BROKERS)');
  const links = shape.links ?? false;
  const base = Number(process.env.STACK_PORT ?? '') || PORT_BASE;
  const secret = (): string => randomBytes(16).toString('hex');
  const state: State = {
    version: 1,
    brokers,
    links,
    ports: await choosePorts(brokers, links, base),
    secrets: {
      secretKey: secret() + secret(),
      postgresAdmin: secret(),
      postgres: secret(),
      redis: secret(),
      traders: secret(),
    },
    settings: shape.settings ?? {},
    hasUsers: false,
  };
  await writeState(folder, state);
  return state;
}
