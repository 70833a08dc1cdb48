/** One of many processes: the roles that it has, on services that all of them share. */
import { busNumber } from '../database/new-bus.ts';
import { PostgresFirmStore } from '../firm/firm-store-postgres.ts';
import { ProbeDoor } from '../gateways/http/probe-door.ts';
import { serveApi } from './api.ts';
import { listen } from './doors.ts';
import { enginesFor } from './engines.ts';
import { Jobs } from './jobs.ts';
import { projectorsFor } from './projectors.ts';
import { publishersFor } from './publishers.ts';
import { rolesOf, shardsOf } from './roles.ts';
import { busFor, nodeName, sharedMemoryFor } from './services.ts';
import type { Site } from './site.ts';
import { takingInFor } from './taking-in.ts';
import { databaseFor, enlist, lookOutFrom } from './write-path.ts';

/** Resolves with the door's URL once the node does what its roles ask. @throws Fault naming what is wrong */
export async function buildNode(site: Site): Promise<string> {
  const { config, log, readiness } = site;
  const roles = rolesOf(config);
  readiness.set('node', 'starting');
  const probes = roles.has('api') ? undefined : await openProbes(site);
  const database = await databaseFor(site);
  const number = await busNumber(database.pool({ connectionsMax: 1 }));
  const bus = await busFor(site, number);
  const { founders } = await enlist(site, database, bus.clusterId, bus.commandsKept);
  lookOutFrom(site, database);
  const memory = await sharedMemoryFor(site);
  const store = new PostgresFirmStore(database.pool({ applicationName: 'itirp firm', connectionsMax: 4 }));
  const shared = { site, database, bus, store, ...memory };

  if (roles.has('projector') || roles.has('publisher')) {
    const jobs = new Jobs(site, database, memory);
    if (roles.has('projector')) projectorsFor(site, database, jobs);
    if (roles.has('publisher')) publishersFor(shared, jobs);
  }
  if (roles.has('engine')) await enginesFor({ ...shared, founders, takeIn: takingInFor(shared) });
  const url = probes ?? (await serveApi(shared));
  if (probes !== undefined) site.undo.push(() => readiness.drain()); // undone first: not ready from then on
  readiness.set('node', undefined);
  log.info({ node: nodeName(config), roles: [...roles], shards: shardsOf(config) }, 'ready');
  return url;
}

/** For a node without an API: whether it lives, whether it is ready, and its figures. */
async function openProbes({ config, metrics, readiness, certificate, undo }: Site): Promise<string> {
  const door = new ProbeDoor({ readiness, metrics, certificate });
  undo.push(() => door.close());
  return await listen(door, config);
}
