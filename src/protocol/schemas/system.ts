/** Health, metrics and system information on the v1 wire. */
import { Type } from 'typebox';
import { refTo, Timestamp } from './vocabulary.ts';

const Component = Type.String({ description: 'operational, or what is wrong' });
const components = Type.Object({
  event_store: Component,
  risk_engine: Component,
  execution_engine: Component,
});

export const Health = Type.Object(
  { status: Type.Literal('healthy'), timestamp: Timestamp, components },
  { $id: 'Health' },
);

export const SystemMetrics = Type.Object(
  {
    total_orders: Type.Integer(),
    total_events: Type.Integer(),
    order_status_breakdown: Type.Record(Type.String(), Type.Integer()),
    circuit_breaker: Type.Object({
      status: Type.Enum(['closed', 'open', 'half_open']),
      failures: Type.Integer({ description: 'In a row' }),
      open_until: Type.Union([Timestamp, Type.Null()]),
    }),
    risk_metrics: refTo('RiskMetrics'),
    timestamp: Timestamp,
  },
  { $id: 'SystemMetrics' },
);

export const SystemInformation = Type.Object(
  {
    system: Type.String(),
    version: Type.String(),
    status: Type.String(),
    documentation: Type.String(),
    architecture: Type.String(),
    endpoints: Type.Record(Type.String(), Type.String()),
  },
  { $id: 'SystemInformation' },
);
