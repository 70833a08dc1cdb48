/** Backups, drills, proofs of the journals and of what was signed about them, as the database remembers them. */
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['projector'];

export const maintenanceInstruments = (catalogue: Catalogue) => ({
  maintenanceLastSuccess: catalogue.gauge({
    name: 'maintenance_last_success_timestamp_seconds',
    help: 'When a backup, a drill, a proof of the journals (`verify`) or of their checkpoints last ended well; not shown where none ever did',
    labelNames: ['kind'],
    roles,
  }),
  maintenanceLastOutcome: catalogue.gauge({
    name: 'maintenance_last_outcome',
    help: 'How the newest ended: 1 well, 0 not, or never: it was killed or interrupted',
    labelNames: ['kind'],
    roles,
  }),
  drillRpo: catalogue.gauge({
    name: 'drill_rpo_seconds',
    help: 'What a disaster would have cost, by the last good drill',
    roles,
  }),
  drillRto: catalogue.gauge({
    name: 'drill_rto_seconds',
    help: 'How long coming back would have taken, by the last good drill',
    roles,
  }),
});
