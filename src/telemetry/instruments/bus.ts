/** Commands on their way from the API nodes to their engines, and the answers back. */
import type { Catalogue, Role } from '../catalogue.ts';

const api: readonly Role[] = ['api'];
const engine: readonly Role[] = ['engine'];

export const busInstruments = (catalogue: Catalogue) => ({
  busSend: catalogue
    .distribution({
      name: 'bus_send_seconds',
      help: 'One command, until Kafka says that every copy that counts is written',
      roles: api,
    })
    .labels({}),
  busAnswer: catalogue
    .distribution({
      name: 'bus_answer_seconds',
      help: 'From handing a command over to hearing what its engine made of it; of those that were answered',
      roles: api,
    })
    .labels({}),
  busAnswersWaiting: catalogue.asked({
    name: 'bus_answers_waiting',
    help: 'Commands that are sent and wait for their answer',
    roles: api,
  }),
  busConsumerLag: catalogue.asked({
    name: 'bus_consumer_lag_commands',
    help: 'Commands in Kafka that the engine has not taken in yet, by its newest word from the broker',
    labelNames: ['shard'],
    roles: engine,
  }),
  /** Commands that came over the bus and were not carried out, by why. */
  commandsSkipped: catalogue.counter({
    name: 'bus_commands_skipped_total',
    help: 'Commands from the bus that were late, came twice or did not read',
    labelNames: ['why'],
    roles: engine,
  }),
});
