/** How near the limits are, and what they turned away. */
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['engine'];

export const riskInstruments = (catalogue: Catalogue) => ({
  riskDenials: catalogue.plainCounter({
    name: 'risk_denials_total',
    help: 'Refusals by rule; an order that several rules refuse counts at each',
    labelNames: ['rule'],
    roles,
  }),
  limitUtilisation: catalogue.gauge({
    name: 'risk_limit_utilisation_ratio',
    help: 'Worst case over limit, working orders counted; above 1 where a limit was lowered or a mark has moved; none where a shard was dealt no limit and uses none',
    labelNames: ['shard', 'limit'],
    roles,
  }),
  killSwitch: catalogue.gauge({
    name: 'kill_switch_engaged',
    help: '1: no order is accepted',
    labelNames: ['shard'],
    roles,
  }),
});
