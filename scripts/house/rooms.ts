/** The house: which room may import which, and who may name a technology. */
import { importsOf } from './imports.ts';
import { finding, isTest, type Source } from './source.ts';

/** The ground: nothing stands below these. */
const GROUND = ['core', 'faults', 'telemetry'];
const STORES = ['journal', 'cache', 'market-data', 'analytics', 'protocol', 'database'];
const WORKERS = ['sequencer', 'bus', 'access', 'compliance'];
const EDGES = ['venues', 'projections', 'firm', 'backup', 'publisher'];

const first = GROUND;
const second = [...GROUND, ...STORES];
const third = [...second, ...WORKERS];
const fourth = [...third, ...EDGES, 'exchange'];

/** Floor by floor: a room imports only from floors below it, never from its neighbours on the same one. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  faults: [],
  telemetry: [],
  exchange: ['core'],
  database: first,
  journal: [...first, 'database'], // the journal is kept in PostgreSQL, whose room this is
  cache: first,
  'market-data': first,
  analytics: first,
  protocol: first,
  sequencer: second,
  bus: second,
  access: second,
  compliance: second,
  venues: [...third, 'exchange'],
  projections: third,
  firm: third,
  backup: third,
  publisher: [...third, 'projections'], // a fact becomes the same events in SQL and on the bus
  gateways: fourth,
  load: [...GROUND, 'protocol', 'market-data'], // a client: it knows no more than any other, and nothing that serves
  main: [...fourth, 'gateways', 'load'],
  cli: [...fourth, 'gateways', 'load', 'main'],
};

/** The room a file is in; undefined outside `src/`. */
export const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

/** What `itirp bench` starts as a process: the one thing outside `src/` that anything in it names. */
const BENCH = 'bench/bench.ts';

/** Imports that run back up, sideways, or out of `src/`; and rooms that the table does not know. */
export function strangers(source: Source): readonly string[] {
  const room = roomOf(source.path);
  if (room === undefined || isTest(source.path)) return [];
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined)
    return [finding(source, 0, `is in a room that the table does not know: ${room}`)];

  return importsOf(source).flatMap(({ position, target }) => {
    if (target === undefined) return [];
    const other = roomOf(target);
    if (room === 'cli' && target === BENCH) return [];
    if (other === room || (other !== undefined && allowed.includes(other))) return [];
    return [finding(source, position, `${room} may not import ${target}`)];
  });
}

/** An adapter is a file with one of these words in its name: it speaks to one technology, behind a port. */
const TECHNOLOGIES = ['postgres', 'memory', 'kafka', 'redis', 'websocket', 'http', 'inprocess'];

/** The technology that a file is the adapter of. `database/` is PostgreSQL's own room: adapters build on it. */
export function technologyOf(path: string): string | undefined {
  const room = roomOf(path);
  if (room === undefined || room === 'database' || room === 'main' || isTest(path)) return undefined;
  const words = (path.split('/').at(-1) ?? '').replace(/\.ts$/, '').split(/[-.]/);
  return TECHNOLOGIES.find((technology) => words.includes(technology));
}

/**
 * Adapters imported by anyone but `main/`, which picks them. An adapter may be cut into files: those of one room
 * and one technology import each other.
 */
export function smuggledAdapters(source: Source): readonly string[] {
  const room = roomOf(source.path);
  if (room === undefined || room === 'main' || isTest(source.path)) return [];
  return importsOf(source).flatMap(({ position, target }) => {
    if (target === undefined) return [];
    const technology = technologyOf(target);
    const isOwnPart = roomOf(target) === room && technologyOf(source.path) === technology;
    if (technology === undefined || isOwnPart) return [];
    return [finding(source, position, `only main/ may import the ${technology} adapter ${target}`)];
  });
}
