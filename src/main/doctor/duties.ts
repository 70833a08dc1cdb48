/** How late each kind of maintenance may be: the figures at which alerts fire too, so that none is well here and pages there. */
import type { MaintenanceKind } from '../../database/maintenance.ts';

export interface Duty {
  readonly kind: MaintenanceKind;
  /** What does it as well. */
  readonly alsoDoneBy?: MaintenanceKind;
  /** From so many hours after the last good one on it is late: a warning. */
  readonly lateHours: number;
  /** From so many on it is bad. Undefined: it never is. */
  readonly badHours?: number;
  readonly remedy: string;
  /** Who has never done it need not. */
  readonly isOptional?: true;
}

/** As deploy/prometheus/alerts.yml has them; none of its alerts is about how old the last look at checkpoints is. */
export const DUTIES = {
  backup: { kind: 'backup', lateHours: 4, badHours: 26, remedy: 'run `itirp backup` each hour' },
  drill: {
    kind: 'drill',
    lateHours: 22 * 24,
    remedy: 'run `itirp drill` each week: only a restored backup is one',
  },
  verify: {
    kind: 'verify',
    alsoDoneBy: 'drill', // which proves what it restored
    lateHours: 3 * 24,
    remedy: 'run `itirp verify` each night',
  },
  checkpoints: {
    kind: 'checkpoints',
    lateHours: 8 * 24,
    remedy: 'run `itirp verify --checkpoints` each week',
    isOptional: true,
  },
} as const satisfies Record<MaintenanceKind, Duty>;
