/** Limits and the kill switch: what goes to every shard of the firm, and is true of the firm when all have it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { areSameLimits, type Limits } from '../../../core/risk/limits.ts';
import type { Notional } from '../../../core/values/fixed-point.ts';
import { Fault } from '../../../faults/fault.ts';
import { inTime } from '../../../firm/in-time.ts';
import { dealOf, NO_LIMITS, sumOfLimits } from '../../../firm/limit-shares.ts';
import type { LimitsView } from '../../../firm/shard-view.ts';
import { exactJson } from '../../../protocol/exact-json.ts';
import { type DecimalInput, readDecimal } from '../../../protocol/exact-number.ts';
import { FieldFault } from '../../../protocol/field-fault.ts';
import { queryBoolean } from '../../../protocol/keywords.ts';
import { KillSwitchQuery, ReasonQuery, type RiskLimitsRequest } from '../../../protocol/schemas/risk.ts';
import { BODY_PROBLEMS, inDoubt, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { ShardCommand } from '../../../sequencer/carried-out.ts';
import type { HttpDeps } from '../deps.ts';
import { Everywhere } from '../everywhere.ts';
import type { Freshness } from '../freshness.ts';
import { attributionOf, nowMicros, principalOf } from '../requests.ts';

const tags = ['risk'];

/** Whoever halts waits no longer than this to hear whether the halt still holds everywhere, in milliseconds. */
const HOLDS_MS = 1_500;

export function limitRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  routeReadLimits(app, deps, freshness);
  routeSetLimits(app, deps, freshness);
  routeKillSwitch(app, deps, freshness);
}

function routeReadLimits(app: FastifyInstance, { firm }: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'The limits in force',
    response: { 200: refTo('RiskLimits'), ...problems(401, 403, 429, 503) },
  };
  app.get('/api/v1/risk/limits', { schema, config: { access: 'ReadLimits' } }, async (request) => {
    const views = await firm.limits(await freshness.owedTo(principalOf(request).user));
    return { ...limitsInForce(views), ...(views.length > 1 ? { shards: views.map(wireShare) } : {}) };
  });
}

function routeSetLimits(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Set the limits; what is left out takes its default',
    body: refTo('RiskLimitsRequest'),
    querystring: ReasonQuery,
    response: {
      200: refTo('RiskLimitsAnswer'),
      ...inDoubt('RiskLimitsAnswer'),
      ...problems(401, 403, 409, ...BODY_PROBLEMS, 429, 503),
    },
  };
  app.put<{ Body: RiskLimitsRequest; Querystring: ReasonQuery }>(
    '/api/v1/risk/limits',
    { schema, config: { access: 'SetLimits' } },
    async (request, reply) => {
      const isEngaging = request.body.kill_switch_enabled;
      const { reason } = request.query;
      const firmWide = limitsOf(request.body);
      // Halted before and released after, so that no order meets the new limits in between.
      const rounds: Everywhere[] = [];
      if (isEngaging === true) rounds.push(await setKillSwitch(deps, freshness, request, true, reason));
      rounds.push(await deps.firm.dealAlone(() => setLimits(deps, freshness, request, firmWide, reason)));
      const areSet = rounds.every((round) => round.isComplete);
      if (isEngaging === false && areSet) {
        rounds.push(await setKillSwitch(deps, freshness, request, false, reason));
      }
      const done = Everywhere.afterAll(rounds);
      const views = await deps.firm.limits(done.positions);
      return say(reply, done, limitsInForce(views));
    },
  );
}

function routeKillSwitch(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const schema = {
    tags,
    summary: 'Halt all trading, or release it',
    querystring: KillSwitchQuery,
    response: {
      200: refTo('KillSwitchAnswer'),
      ...inDoubt('KillSwitchAnswer'),
      ...problems(401, 403, 409, 422, 429, 503),
    },
  };
  app.post<{ Querystring: KillSwitchQuery }>(
    '/api/v1/risk/kill-switch',
    { schema, config: { access: 'EngageKillSwitch' } },
    async (request, reply) => {
      const isEngaging = queryBoolean(request.query.enabled) === true;
      const done = await setKillSwitch(deps, freshness, request, isEngaging, request.query.reason);
      const isHalted = isEngaging && done.isComplete;
      const answer = {
        kill_switch_enabled: isHalted,
        message: killSwitchMessage(isEngaging, done),
        timestamp: wireTime(done.at ?? nowMicros()),
      };
      return say(reply, done, done.isPlain ? answer : { ...answer, halted_everywhere: isHalted });
    },
  );
}

function killSwitchMessage(isEngaging: boolean, { isComplete, outcomes }: Everywhere): string {
  const words = isEngaging ? 'Kill switch activated' : 'Kill switch deactivated';
  if (isComplete) return words;
  const applied = outcomes.filter(({ committed }) => committed !== undefined).length;
  return `${words} in ${applied} of ${outcomes.length} shards; ask again until all have it`;
}

/** `200` where all have it, `202` where some do not, as far as is known; one shard alone says nothing more. */
function say<Answer extends object>(reply: FastifyReply, done: Everywhere, answer: Answer) {
  if (done.isPlain) return answer;
  if (!done.isComplete) reply.code(202);
  return { ...answer, shards: done.wire() };
}

/**
 * @throws Fault PERMISSION_DENIED: the caller may engage, but not release; and as {@link tellAll}
 * @throws Fault HALT_RELEASED: no shard is halted any more
 */
async function setKillSwitch(
  deps: HttpDeps,
  freshness: Freshness,
  request: FastifyRequest,
  isEngaging: boolean,
  reason: string | undefined,
): Promise<Everywhere> {
  const { permissions, user } = principalOf(request);
  if (!isEngaging && !permissions.has('ReleaseKillSwitch')) throw new Fault('PERMISSION_DENIED');
  if (!isEngaging) deps.admission.mustKnow('ReleaseKillSwitch'); // its path lets whoever may halt through
  const command = { type: isEngaging ? 'EngageKillSwitch' : 'ReleaseKillSwitch' } as const;
  const told = await tellAll(deps, freshness, request, () => command, reason);
  const done = isEngaging && told.isComplete ? await stillHalted(deps, told) : told;
  const shards = done.isPlain ? undefined : done.wire();
  deps.log.warn({ correlationId: request.id, user, isEngaging, reason, shards }, 'kill switch set');
  done.refuseNothing();
  return done;
}

/**
 * The shards were halted one by one, and somebody may have released the first before the last was: looks at all of them
 * together. Where they cannot be looked at in time, what they answered is what there is to say.
 */
async function stillHalted({ firm, log }: HttpDeps, halted: Everywhere): Promise<Everywhere> {
  const looking = firm.heads().then((heads) => firm.limits(heads));
  const views = await inTime(HOLDS_MS, looking).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  });
  if (views === undefined) log.warn('whether the halt still holds could not be looked at');
  const released = views?.filter((view) => !view.isKillSwitchEngaged).map(({ shard }) => shard) ?? [];
  if (released.length === 0) return halted;
  const fault = new Fault('HALT_RELEASED', released.join(', '));
  return halted.except((shard) => released.includes(shard), fault);
}

/**
 * Deals the limits out anew. Where some shards are to have less and others more (one was added), the less comes first:
 * at no moment have all of them together more than the firm had, or is to have. Whoever calls it deals alone: two deals
 * that cross would leave shares of both.
 * @throws Fault as {@link tellAll}; LIMITS_BUSY, PROJECTION_BEHIND or DATABASE_UNAVAILABLE: nothing was set
 */
async function setLimits(
  deps: HttpDeps,
  freshness: Freshness,
  request: FastifyRequest,
  limits: Limits,
  reason: string | undefined,
): Promise<Everywhere> {
  const { firm } = deps;
  const { shares, lowered, isShift } = dealOf(limits, await firm.limits(await firm.heads()));
  const tell = (dealt: ReadonlyMap<string, Limits>): Promise<Everywhere> => {
    const commandFor = (shard: string) =>
      ({ type: 'SetLimits', limits: dealt.get(shard) ?? NO_LIMITS }) as const;
    return tellAll(deps, freshness, request, commandFor, reason);
  };
  if (isShift) {
    const taken = await tell(lowered);
    const isHeld = (shard: string): boolean =>
      !areSameLimits(lowered.get(shard) ?? NO_LIMITS, shares.get(shard) ?? NO_LIMITS);
    if (!taken.isComplete) return taken.except(isHeld, new Fault('LIMITS_HELD'));
  }
  return await tell(shares);
}

/** @throws Fault of the first shard, where the command is known to have reached none */
async function tellAll(
  { firm }: HttpDeps,
  freshness: Freshness,
  request: FastifyRequest,
  commandFor: (shard: string) => ShardCommand,
  reason: string | undefined,
): Promise<Everywhere> {
  const done = new Everywhere(await firm.submitToAll(commandFor, attributionOf(request, reason)));
  const { user } = principalOf(request);
  await Promise.all(
    Array.from(done.positions, async ([shard, position]) => await freshness.wrote(user, shard, position)),
  );
  done.refuseNothing();
  return done;
}

function limitsOf(body: RiskLimitsRequest): Limits {
  return {
    positionMax: limitOf('max_position_size', body.max_position_size),
    dailyVolumeMax: limitOf('max_daily_volume', body.max_daily_volume),
    netExposureMax: limitOf('max_net_exposure', body.max_net_exposure),
    grossExposureMax: limitOf('max_gross_exposure', body.max_gross_exposure),
  };
}

/** The schema has put the default in and refused what is no decimal. */
function limitOf(field: string, input: DecimalInput | undefined): Notional {
  const value = readDecimal(input);
  if (typeof value === 'bigint') return value as Notional;
  throw new FieldFault([{ field, message: value }]);
}

const wireLimits = (limits: Limits) => ({
  max_position_size: exactJson(limits.positionMax),
  max_daily_volume: exactJson(limits.dailyVolumeMax),
  max_net_exposure: exactJson(limits.netExposureMax),
  max_gross_exposure: exactJson(limits.grossExposureMax),
});

/** The firm's: the sum of the shares, and halted where every shard is. */
const limitsInForce = (views: readonly LimitsView[]) => ({
  ...wireLimits(sumOfLimits(views.map(({ limits }) => limits))),
  kill_switch_enabled: views.every(({ isKillSwitchEngaged }) => isKillSwitchEngaged),
});

const wireShare = ({ shard, at, limits, isKillSwitchEngaged }: LimitsView) => ({
  shard,
  ...wireLimits(limits),
  kill_switch_enabled: isKillSwitchEngaged,
  at: wireTime(at),
});
