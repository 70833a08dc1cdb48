/** A refusal at the door that says when to knock again. */
import { Fault, type FaultCode } from '../faults/fault.ts';

export class RetryLater extends Fault {
  readonly retryAfterMs: number;

  constructor(code: FaultCode, retryAfterMs: number) {
    super(code);
    this.retryAfterMs = retryAfterMs;
  }
}
