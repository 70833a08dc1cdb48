/** For tests: a process that is a member of the engines and says on standard output, line by line, what it owns. */
import { silentLog } from '../../telemetry/log.ts';
import { openKafkaBus } from '../kafka-bus.ts';

const [, , broker = '', prefix = '', name = '', sessionMs = '6000'] = process.argv;
const say = (what: string, shards: readonly string[]): void => {
  process.stdout.write(`${what} ${[...shards].sort().join(',')}\n`);
};

const bus = await openKafkaBus({
  brokers: [broker],
  clientId: name,
  shards: ['s1', 's2', 's3'],
  replication: 0,
  log: silentLog(),
  prefix,
  username: process.env.KAFKA_USERNAME,
  password: process.env.KAFKA_PASSWORD,
  tls: process.env.KAFKA_TLS === 'true',
  sessionMs: Number(sessionMs),
});
process.on('SIGTERM', () => {
  void bus.close().then(() => process.exit(0));
});
await bus.membership.join({
  assigned: (shards) => say('assigned', shards),
  revoked: async (shards) => {
    say('revoked', shards);
    await new Promise((resolve) => setTimeout(resolve, 300));
    say('released', shards);
  },
});
say('joined', []);
