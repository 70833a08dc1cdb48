/** The log keeps secrets, and the instruments carry the guide's names. */
import { expect, test } from 'vitest';
import { openLog, silentLog } from './log.ts';
import { openMetrics } from './metrics.ts';

test('no secret comes out of the log, however deep it lay', () => {
  const lines: string[] = [];
  const log = openLog('info', { write: (line) => void lines.push(line) });
  const secrets = { password: 's3cret', token: 's3cret', authorization: 's3cret', access_token: 's3cret' };
  log.info(secrets, 'at the top');
  log.info({ request: { headers: secrets } }, 'further down');
  log.child({ correlationId: 'c1' }).warn({ body: { ...secrets, username: 'ann' } }, 'in a child');
  expect(lines.join('')).not.toContain('s3cret');
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({
    level: 'warn',
    correlationId: 'c1',
    msg: 'in a child',
    body: { username: 'ann', password: '[redacted]' },
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});

test('a secret in the text of an error is taken out by who knows it, and a command to Redis shows its name alone', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = openLog('info', { write }, (line) => line.replaceAll('s3cret', '[redacted]'));
  const refused = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['unknown'] } });
  log.warn({ err: new Error('no way to postgres://u:s3cret@db') }, 's3cret');
  log.warn({ err: refused }, 'refused');
  const text = lines.join('');
  expect(text).toContain('no way to postgres://u:[redacted]@db');
  expect(text).toContain('"command":{"name":"auth","args":"[redacted]"}');
  expect(text).not.toMatch(/s3cret|unknown/);
});

test('a level below the chosen one says nothing, and silence is silent', () => {
  const lines: string[] = [];
  openLog('warn', { write: (line) => void lines.push(line) }).info('not this');
  silentLog().error('nor this');
  expect(lines).toEqual([]);
});

test('the guide’s six figures are there under their own names, and no two sets of instruments disturb each other', async () => {
  const [one, two] = [openMetrics(), openMetrics()];
  one.ordersTotal.inc(3);
  two.ordersTotal.inc(4);
  const text = await one.registry.metrics();
  expect(text).toMatch(/^orders_total 3$/m);
  for (const line of [
    'orders_total counter',
    'orders_executed counter',
    'orders_rejected counter',
    'order_latency_seconds histogram',
    'active_positions gauge',
    'net_exposure_usd gauge',
    'sequencer_queue_depth gauge',
    'sequencer_batch_commands histogram',
    'journal_append_seconds histogram',
    'projection_lag_events gauge',
    'venue_attempts_total counter',
    'venue_breaker_state gauge',
    'venue_reports_unmatched_total counter',
    'venue_fills_beyond_bound_total counter',
    'event_loop_utilization gauge',
    'nodejs_eventloop_lag_p99_seconds gauge',
  ]) {
    expect(text).toContain(`# TYPE ${line}`);
  }
});
