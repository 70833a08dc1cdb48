/** Loopback ports: whether one is free, and some that are. */
import { createServer, type Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Holds a port for a moment; undefined when somebody has it. */
async function hold(port: number): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const release = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

export async function isFree(port: number): Promise<boolean> {
  const server = await hold(port);
  if (server !== undefined) await release(server);
  return server !== undefined;
}

/** `count` different ports that nobody has at this moment. @throws Error when the system has none to give */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  const servers = held.filter((server) => server !== undefined);
  const ports = servers.map(portOf);
  await Promise.all(servers.map(release));
  if (ports.length < count) throw new Error(`the system has no ${count} loopback ports to give`);
  return ports;
}
