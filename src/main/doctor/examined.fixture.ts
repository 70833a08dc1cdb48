/** For tests of the doctor: one examination by its name, its findings as lines, and a service that says nothing. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Environment } from '../setting-files.ts';
import { EXAMINATIONS, examine } from './examine.ts';
import type { Finding } from './finding.ts';

export async function findingsOf(about: string, environment: Environment): Promise<readonly Finding[]> {
  const look = EXAMINATIONS[about] ?? (() => Promise.reject(new Error(`no examination ${about}`)));
  return await examine({ DATA_DIR: '/nowhere', ...environment }, { [about]: look });
}

/** `grade about: says` */
export const wordsOf = (findings: readonly Finding[]): string =>
  findings.map(({ grade, about, says }) => `${grade} ${about}: ${says}`).join('\n');

export const urlWith = (url: string, parts: Partial<URL>): string => Object.assign(new URL(url), parts).href;

/** Takes every connection and says nothing. */
export async function openMute(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
