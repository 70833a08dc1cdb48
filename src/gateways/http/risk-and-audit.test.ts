/** Limits, kill switch, exposures, positions and the audit trail to the letter of the contract. */
import { beforeEach, describe, expect, test } from 'vitest';
import { price } from '../../core/values/fixed-point.ts';
import type { CorrelationId, UserId } from '../../core/values/names.ts';
import { Client, filled, TIME } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
let client: Client;
beforeEach(async () => {
  house = await openSmallHouse();
  client = new Client(house);
});

describe('risk', () => {
  const defaults = {
    max_position_size: 1_000_000,
    max_daily_volume: 10_000_000,
    max_net_exposure: 5_000_000,
    max_gross_exposure: 15_000_000,
    kill_switch_enabled: false,
  };
  test('limits start at the contract’s defaults, and a missing one takes its default again', async () => {
    expect((await client.ask('COMPLIANCE', 'GET', '/api/v1/risk/limits')).body).toEqual(defaults);
    const set = await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', {
      max_position_size: '2000000.5',
    });
    expect(set.body).toEqual({ ...defaults, max_position_size: 2_000_000.5 });
    const reset = await client.ask('ADMIN', 'PUT', '/api/v1/risk/limits', { max_daily_volume: 5 });
    expect(reset.body).toEqual({ ...defaults, max_daily_volume: 5 });
  });
  test('limits may engage and release the kill switch, and leave it alone where they do not name it', async () => {
    const put = async (body: object) =>
      (await client.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits?reason=fire', body)).body
        .kill_switch_enabled;
    expect(await put({ kill_switch_enabled: true })).toBe(true);
    expect(await put({})).toBe(true);
    expect(await put({ kill_switch_enabled: false })).toBe(false);
    const asked = house.engine.submitted.map(({ command, by }) => [command.type, by.reason]);
    expect(asked).toEqual([
      ['EngageKillSwitch', 'fire'],
      ['SetLimits', 'fire'],
      ['SetLimits', 'fire'],
      ['SetLimits', 'fire'],
      ['ReleaseKillSwitch', 'fire'],
    ]);
  });
  test.each(['true', 'True', 'TRUE', '1'])('kill-switch?enabled=%s engages', async (enabled) => {
    const { body } = await client.ask('COMPLIANCE', 'POST', `/api/v1/risk/kill-switch?enabled=${enabled}`);
    expect(body).toEqual({
      kill_switch_enabled: true,
      message: 'Kill switch activated',
      timestamp: expect.stringMatching(TIME),
    });
    expect((await client.ask('TRADER', 'GET', '/api/v1/risk/metrics')).body.kill_switch_active).toBe(true);
  });
  test.each(['false', 'False', '0'])(
    'kill-switch?enabled=%s releases, but not for compliance',
    async (enabled) => {
      await client.ask('COMPLIANCE', 'POST', '/api/v1/risk/kill-switch?enabled=1');
      const refused = await client.ask('COMPLIANCE', 'POST', `/api/v1/risk/kill-switch?enabled=${enabled}`);
      expect([refused.status, refused.body.code]).toEqual([403, 'PERMISSION_DENIED']);
      const { body } = await client.ask(
        'RISK_MANAGER',
        'POST',
        `/api/v1/risk/kill-switch?enabled=${enabled}`,
      );
      expect(body).toMatchObject({ kill_switch_enabled: false, message: 'Kill switch deactivated' });
    },
  );
  test('a halt that somebody released before it is answered is a conflict', async () => {
    const correlationId = 'someone' as CorrelationId;
    const someone = { user: 'risk1' as UserId, origin: 'test', correlationId, reason: undefined };
    const stop = house.engine.subscribe(({ entries }) => {
      const isHalt = entries.some(({ events }) => events.some(({ type }) => type === 'KillSwitchEngaged'));
      if (isHalt) house.engine.decide({ type: 'ReleaseKillSwitch' }, someone);
    });
    const halted = await client.ask('RISK_MANAGER', 'POST', '/api/v1/risk/kill-switch?enabled=true');
    expect([halted.status, halted.body.code]).toEqual([409, 'HALT_RELEASED']);
    expect(halted.body.detail).toContain('main');
    stop();
    expect((await client.ask('RISK_MANAGER', 'POST', '/api/v1/risk/kill-switch?enabled=true')).status).toBe(
      200,
    );
  });
  test.each(['', '?enabled=', '?enabled=yes', '?enabled=true&enabled=false', '?enabled=true&x=1'])(
    'kill-switch%s does nothing',
    async (query) => {
      const { status } = await client.ask('ADMIN', 'POST', `/api/v1/risk/kill-switch${query}`);
      expect(status).toBe(422);
      expect(house.engine.submitted).toEqual([]);
    },
  );
  test('exposures and positions follow the fills, at the live midpoint', async () => {
    const { order_id: id } = await client.place();
    house.report(id, filled('100', '150.25'));
    const { body: metrics } = await client.ask('TRADER', 'GET', '/api/v1/risk/metrics');
    expect(metrics).toMatchObject({
      net_exposure: 15_050,
      gross_exposure: 15_050,
      daily_volume: 15_025,
      total_positions: 1,
      largest_position: 15_050,
      kill_switch_active: false,
    });
    house.marks.set('AAPL', price('151.125'));
    const { body } = await client.ask('COMPLIANCE', 'GET', '/api/v1/risk/positions');
    expect(body).toEqual({
      positions: [
        {
          symbol: 'AAPL',
          quantity: 100,
          average_price: 150.25,
          market_value: 15_112.5,
          unrealized_pnl: 87.5,
          realized_pnl: 0,
        },
      ],
      total_positions: 1,
      realized_pnl: 0,
    });
  });
});

describe('audit', () => {
  test('shows the newest events, newest last, and how many there are', async () => {
    await client.place();
    await client.place();
    const { body } = await client.ask('COMPLIANCE', 'GET', '/api/v1/audit/events?limit=1');
    expect(body.total).toBe(2);
    expect(body.events).toHaveLength(1);
    expect(Object.keys(body.events[0])).toEqual([
      'event_id',
      'event_type',
      'correlation_id',
      'order_id',
      'timestamp',
      'payload',
      'user_id',
    ]);
  });
  test('follows one conversation and one order, and knows nothing of strangers', async () => {
    const { order_id, correlation_id } = await client.place();
    const trail = await client.ask('ADMIN', 'GET', `/api/v1/audit/order/${order_id}/trail`);
    expect(trail.body).toMatchObject({ order_id, total_events: 1 });
    const conversation = await client.ask('ADMIN', 'GET', `/api/v1/audit/correlation/${correlation_id}`);
    expect(conversation.body).toMatchObject({ correlation_id, total_events: 1 });
    const nobody = '0198c0de-0000-7000-8000-000000000000';
    for (const url of [`order/${nobody}/trail`, `correlation/${nobody}`, 'order/x/trail', 'correlation/x']) {
      expect((await client.ask('ADMIN', 'GET', `/api/v1/audit/${url}`)).status).toBe(404);
    }
  });
});
