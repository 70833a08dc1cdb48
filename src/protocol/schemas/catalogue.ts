/** Every schema that has an `$id`: what the server registers, and what OpenAPI lists as components. */
import type { TSchema } from 'typebox';
import { AuditEvent, CorrelationPath, CorrelationTrail, EventList, EventQuery, OrderTrail } from './audit.ts';
import { LoginAnswer, LoginRequest } from './auth.ts';
import { Problem } from './common.ts';
import {
  CancelAnswer,
  OrderAnswer,
  OrderDetail,
  OrderList,
  OrderPath,
  OrderQuery,
  OrderRequest,
  Violation,
} from './orders.ts';
import {
  KillSwitchAnswer,
  KillSwitchQuery,
  Position,
  Positions,
  ReasonQuery,
  RiskLimits,
  RiskLimitsRequest,
  RiskMetrics,
} from './risk.ts';
import { Health, SystemInformation, SystemMetrics } from './system.ts';

export const CATALOGUE: readonly TSchema[] = [
  Problem,
  LoginRequest,
  LoginAnswer,
  OrderRequest,
  Violation,
  OrderAnswer,
  CancelAnswer,
  OrderDetail,
  OrderList,
  OrderQuery,
  OrderPath,
  RiskMetrics,
  RiskLimits,
  RiskLimitsRequest,
  ReasonQuery,
  KillSwitchQuery,
  KillSwitchAnswer,
  Position,
  Positions,
  AuditEvent,
  EventList,
  EventQuery,
  CorrelationPath,
  CorrelationTrail,
  OrderTrail,
  Health,
  SystemMetrics,
  SystemInformation,
];
