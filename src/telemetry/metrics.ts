/** The figures the platform shows of itself. This room offers instruments; the rooms that know feed them. */
import { collectDefaultMetrics } from '@prometheus-io/client';
import { Catalogue, EVERY_ROLE, type Instrument, type Role } from './catalogue.ts';
import { busInstruments } from './instruments/bus.ts';
import { maintenanceInstruments } from './instruments/maintenance.ts';
import { orderInstruments } from './instruments/orders.ts';
import { platformInstruments } from './instruments/platform.ts';
import { readerInstruments } from './instruments/readers.ts';
import { httpInstruments } from './instruments/requests.ts';
import { riskInstruments } from './instruments/risk.ts';
import { serviceInstruments } from './instruments/services.ts';
import { traceInstruments } from './instruments/traces.ts';
import { venueInstruments } from './instruments/venues.ts';
import { writePathInstruments } from './instruments/write-path.ts';

/** How often the library samples how busy the event loop is: ten times a second its digest is a twentieth of an idle process. */
const UTILISATION_MS = 5_000;

/** Every instrument, made on one registry that is handed around and never global. */
export type Metrics = ReturnType<typeof openMetrics>;

/**
 * The instruments, all at zero; shown are those of `roles`. Default process metrics (event loop lag, heap, CPU) come with
 * them.
 */
export function openMetrics(roles: Iterable<Role> = EVERY_ROLE) {
  const catalogue = new Catalogue(new Set(roles));
  const { registry, instruments } = catalogue;
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: UTILISATION_MS });
  return {
    registry,
    /** What each is called and says, for whoever writes about them. */
    instruments: instruments as readonly Instrument[],
    ...httpInstruments(catalogue),
    ...orderInstruments(catalogue),
    ...riskInstruments(catalogue),
    ...writePathInstruments(catalogue),
    ...busInstruments(catalogue),
    ...readerInstruments(catalogue),
    ...venueInstruments(catalogue),
    ...serviceInstruments(catalogue),
    ...platformInstruments(catalogue),
    ...maintenanceInstruments(catalogue),
    ...traceInstruments(catalogue),
  };
}
