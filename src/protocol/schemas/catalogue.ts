/** Every schema that has an `$id`: what the server registers, and what OpenAPI lists as components. */
import type { TSchema } from 'typebox';
import { AuditEvent, CorrelationTrail, EventList, OrderTrail } from './audit.ts';
import { LoginAnswer, LoginRequest, LogoutAnswer, LogoutRequest, RefreshRequest } from './auth.ts';
import { MarketQuote, MarketQuotes } from './market.ts';
import {
  CancelAnswer,
  OrderAnswer,
  OrderDetail,
  OrderList,
  OrderRequest,
  PendingAnswer,
  Violation,
} from './orders.ts';
import {
  KillSwitchAnswer,
  Position,
  Positions,
  RiskLimits,
  RiskLimitsAnswer,
  RiskLimitsRequest,
  RiskMetrics,
} from './risk.ts';
import { Health, SystemInformation, SystemMetrics } from './system.ts';
import { Problem } from './vocabulary.ts';

export const CATALOGUE: readonly TSchema[] = [
  Problem,
  LoginRequest,
  LoginAnswer,
  RefreshRequest,
  LogoutRequest,
  LogoutAnswer,
  OrderRequest,
  Violation,
  OrderAnswer,
  CancelAnswer,
  PendingAnswer,
  OrderDetail,
  OrderList,
  RiskMetrics,
  RiskLimits,
  RiskLimitsAnswer,
  RiskLimitsRequest,
  KillSwitchAnswer,
  Position,
  Positions,
  MarketQuote,
  MarketQuotes,
  AuditEvent,
  EventList,
  CorrelationTrail,
  OrderTrail,
  Health,
  SystemMetrics,
  SystemInformation,
];
