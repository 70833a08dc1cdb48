/** The topics as they are made: what a broker has confirmed must outlive that broker. */
import { expect, test } from 'vitest';
import { topicPlans } from './topics.ts';

test.each([
  { brokers: 1, replication: 0, replicas: 1, inSync: '1' },
  { brokers: 2, replication: 0, replicas: 2, inSync: '2' },
  { brokers: 3, replication: 2, replicas: 2, inSync: '2' },
  { brokers: 3, replication: 0, replicas: 3, inSync: '2' },
  { brokers: 7, replication: 5, replicas: 5, inSync: '4' },
])('$brokers brokers and KAFKA_REPLICATION=$replication: $inSync of $replicas copies confirm', (row) => {
  for (const { replicas, configs } of topicPlans(3, row.brokers, row.replication)) {
    expect([replicas, configs['min.insync.replicas']]).toEqual([row.replicas, row.inSync]);
  }
});
