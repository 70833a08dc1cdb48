/** A standby that cannot be used says so, once for each change: reads that quietly go elsewhere help nobody. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import { checkReplica, ReplicaReads } from './replica.ts';

const OURS = { systemIdentifier: '1', isStandby: false, lsn: 100n, timeline: '00000001' };
const STANDBY = { ...OURS, isStandby: true, timeline: '' };
const refusal = Object.assign(new Error('password authentication failed'), { code: '28P01' });
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A pool that answers with where its server stands, or fails. */
const standing = (at: { stands: object }): pg.Pool =>
  ({
    query: async () => {
      if (at.stands instanceof Error) throw at.stands;
      return { rows: [at.stands] };
    },
  }) as never;
const reason = (says: string) => expect.stringContaining(says);

test('each change is told once: away, refused, another cluster, and near again', async () => {
  const said: string[] = [];
  const standby = { stands: STANDBY as object };
  const primary = { stands: OURS as object };
  const options = { lookMs: 3_600_000, onChange: (says: string) => said.push(says) };
  const reads = new ReplicaReads(standing(primary), standing(standby), options);
  const look = async (stands: object): Promise<void> => {
    standby.stands = stands;
    for (let n = 0; n < 2; n++) await reads.look();
  };
  await look(STANDBY); // as it should be from the start: nothing to tell
  await look(away);
  await look(refusal);
  await look({ ...STANDBY, systemIdentifier: '2' });
  await look(STANDBY);
  primary.stands = away; // nothing can be said of the standby
  await look(STANDBY);
  expect(said).toEqual([
    reason('does not answer: connect ECONNREFUSED'),
    reason('does not let us in: password authentication failed'),
    reason('another cluster'),
    reason('answers reads again'),
  ]);
  await reads.close();
});

test('one that is behind is told of when it is surely too far, not at the first look', async () => {
  const said: string[] = [];
  const behind = standing({ stands: { ...STANDBY, lsn: 99n } });
  const onChange = (says: string) => said.push(says);
  const reads = new ReplicaReads(standing({ stands: OURS }), behind, { lookMs: 3_600_000, onChange });
  await reads.look();
  expect(said).toEqual([]);
  for (let n = 0; n < 9; n++) await reads.look();
  expect(said).toEqual([reason('too far behind')]);
  await reads.close();
});

test.each([
  ['a refused password', refusal, /POSTGRES_REPLICA_URL: password .*look at user and password/],
  ['another cluster', { ...STANDBY, systemIdentifier: '2' }, /POSTGRES_REPLICA_URL .* another cluster/],
])('%s stops the start', async (_title, stands, detail) => {
  const checked = checkReplica(standing({ stands: OURS }), standing({ stands }));
  await expect(checked).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: expect.stringMatching(detail),
  });
});

test.each([
  ['a standby of ours', STANDBY],
  ['one that is away', away],
])('%s does not', async (_title, stands) => {
  await expect(checkReplica(standing({ stands: OURS }), standing({ stands }))).resolves.toBeUndefined();
});
