/** Shows people what a venue did that it should not have: in the log each by itself, in the figures how many. */
import { formatFixed } from '../core/values/fixed-point.ts';
import type { Engine } from '../sequencer/engine.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { FillBeyondBound } from '../venues/teller.ts';

/**
 * Follows `engine`, whose orders go to `venue`, from now on for executions that could not be booked, so that no position
 * holds them. Returns how to stop.
 */
export function watchUnmatched(
  venue: string,
  engine: Pick<Engine, 'subscribe'>,
  metrics: Metrics,
  log: Log,
): () => void {
  return engine.subscribe(({ entries }) => {
    for (const { events, origin, correlationId } of entries) {
      for (const event of events) {
        if (event.type !== 'ReportUnmatched') continue;
        const { orderId, executionId, report, why } = event;
        metrics.venueUnmatched.inc({ venue, why });
        const said = { correlationId, origin, orderId, executionId, report, why };
        log.warn(said, 'a venue reports an execution that no position holds');
      }
    }
  });
}

/** For the router to tell of fills that are booked, and worse than they may be. */
export const noteBeyondBound =
  (venue: string, metrics: Metrics, log: Log) =>
  ({ fill, boundPrice }: FillBeyondBound): void => {
    metrics.venueBeyondBound.inc({ venue });
    const { orderId, executionId, quantity, price } = fill;
    const words = {
      venue,
      orderId,
      executionId,
      quantity: formatFixed(quantity),
      price: formatFixed(price),
      boundPrice: formatFixed(boundPrice),
    };
    log.warn(words, 'a venue traded at a worse price than it was given: booked as it says');
  };
