/** How this program speaks with Kafka: options that all clients share, deadlines, and errors as faults. */
import { isIP } from 'node:net';
import type { BaseOptions } from '@platformatic/kafka';
import { Fault } from '../faults/fault.ts';

export interface KafkaSettings {
  /** HOST:PORT of any brokers of the cluster. */
  readonly brokers: readonly string[];
  /** For SASL/SCRAM-SHA-512, with `password`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | undefined;
  /** Name of this process, as brokers show it. */
  readonly clientId: string;
  /** Before the name of every topic and group: sets deployments on one cluster apart. Default none. */
  readonly prefix?: string | undefined;
}

/** A topic's or a group's name on this cluster. */
export const nameOf = ({ prefix = '' }: Pick<KafkaSettings, 'prefix'>, name: string): string => prefix + name;

/** `turn`: which broker is asked first, so that one that is reachable and silent is passed over the next time. */
export function baseOptions(settings: KafkaSettings, turn = 0): BaseOptions {
  const { brokers, username, password, tls, clientId } = settings;
  const first = brokers.length === 0 ? 0 : turn % brokers.length;
  return {
    clientId: clientId.replaceAll(/[^\w.-]/g, '-'),
    bootstrapBrokers: [...brokers.slice(first), ...brokers.slice(0, first)],
    connectTimeout: 3_000,
    requestTimeout: 5_000,
    timeout: 4_000,
    retries: 2,
    retryDelay: 200,
    metadataMaxAge: 30_000,
    autocreateTopics: false,
    ...(tls === true ? { tls: {}, tlsServerName: areNamed(brokers) } : {}),
    ...(username === undefined
      ? {}
      : { sasl: { mechanism: 'SCRAM-SHA-512' as const, username, password: password ?? '' } }),
  };
}

/** TLS tells the broker which name it was called by; an address is no name. */
const areNamed = (brokers: readonly string[]): boolean =>
  brokers.every((broker) => isIP(broker.replace(/:\d+$/, '')) === 0);

/** The library's calls may hang: none is waited for longer than this. @throws Fault BUS_UNAVAILABLE */
export async function withDeadline<T>(what: string, ms: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Fault('BUS_UNAVAILABLE', `${what}: no answer in ${ms} ms`)), ms);
  });
  call.catch(() => {}); // whatever it says after its time is nobody's concern
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes a client without waiting for what it has under way. */
export function discard(close: () => Promise<unknown>): void {
  withDeadline('close', 2_000, close()).catch(() => {});
}

/** Every error in the tree of errors that the library throws: its leaves are what happened. */
export function* leavesOf(error: unknown): Generator<Error> {
  if (error instanceof AggregateError && error.errors.length > 0) {
    for (const inner of error.errors) yield* leavesOf(inner);
  } else if (error instanceof Error && error.cause instanceof Error) {
    yield* leavesOf(error.cause);
    yield error;
  } else if (error instanceof Error) {
    yield error;
  }
}

/** A field of an error of the library, or of the operating system. */
export const wordOf = (error: Error, name: 'apiId' | 'code'): string | undefined => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
};

/** Does the broker say so, anywhere in what it answered? */
export const isSaid = (error: unknown, ...apiIds: readonly string[]): boolean =>
  [...leavesOf(error)].some((leaf) => apiIds.includes(wordOf(leaf, 'apiId') ?? ''));

/** BUS_INVALID, with its remedy, where trying again does not help; BUS_UNAVAILABLE for whatever may pass. */
export function asBusFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const leaves = [...leavesOf(error)];
  const remedy = leaves.map(remedyOf).find((found) => found !== undefined);
  const words = [...new Set(leaves.map(({ message }) => message))].join('; ');
  if (remedy !== undefined) return new Fault('BUS_INVALID', `${remedy} (${words})`, { cause: error });
  return new Fault('BUS_UNAVAILABLE', words === '' ? String(error) : words, { cause: error });
}

function remedyOf(leaf: Error): string | undefined {
  const code = wordOf(leaf, 'code') ?? '';
  const apiId = wordOf(leaf, 'apiId') ?? '';
  if (code === 'PLT_KFK_AUTHENTICATION' || apiId === 'SASL_AUTHENTICATION_FAILED')
    return 'Kafka refuses the credentials: look at KAFKA_USERNAME and KAFKA_PASSWORD';
  if (apiId.endsWith('AUTHORIZATION_FAILED'))
    return 'Kafka lets the user of KAFKA_USERNAME not do this: grant it';
  if (code === 'PLT_KFK_UNSUPPORTED_API') return TOO_OLD;
  if (/^(ERR_(TLS|SSL|OSSL)_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/.test(code))
    return 'the broker is not believed: look at KAFKA_TLS, and at NODE_EXTRA_CA_CERTS for a CA of your own';
  return undefined;
}

export const TOO_OLD = 'Kafka 3.9 or later is needed';
