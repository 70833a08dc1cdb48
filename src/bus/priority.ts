/** Which commands a flood of orders must not keep out: those that stop or shrink what is going on. */
import type { RemoteCommand } from './dispatch.ts';

/**
 * `firm`: halts and limits, which pass what waits to be sent, but never each other: whether a halt or a release came
 * last is what holds. `cancel`: has room of its own, and keeps its place, behind its order. `rest`: has neither.
 */
export type Priority = 'firm' | 'cancel' | 'rest';

const PRIORITIES: Readonly<Record<RemoteCommand['type'], Priority>> = {
  EngageKillSwitch: 'firm',
  ReleaseKillSwitch: 'firm',
  SetLimits: 'firm',
  CancelOrder: 'cancel',
  PlaceOrder: 'rest',
  RecordAccess: 'rest',
};

export const priorityOf = ({ type }: RemoteCommand): Priority => PRIORITIES[type];

/** How many may wait before one of `priority` is turned away, where `max` of those that have no reserve may. */
export function roomFor(priority: Priority, max: number): number {
  const reserve = Math.ceil(max / 8);
  switch (priority) {
    case 'rest':
      return max;
    case 'cancel':
      return max + reserve;
    case 'firm':
      return max + 2 * reserve;
  }
}
