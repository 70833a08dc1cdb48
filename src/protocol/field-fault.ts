/** A request that does not validate: every offending field by name, and what is wrong with it. */
import { Fault } from '../faults/fault.ts';

export interface FieldError {
  /** Path of the field from the body's root, `price` or `filters.0.symbol`; `body` for the whole. */
  readonly field: string;
  /** What it should be: `must be a positive decimal`. */
  readonly message: string;
}

/** How many fields are listed; a body of junk could name thousands. */
const LISTED_MAX = 100;

/** BODY_INVALID, with the fields. */
export class FieldFault extends Fault {
  readonly errors: readonly FieldError[];
  /** How many there are, listed or not. */
  readonly total: number;

  constructor(errors: readonly FieldError[]) {
    const listed = errors.slice(0, LISTED_MAX);
    super('BODY_INVALID', listed.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.errors = listed;
    this.total = errors.length;
  }
}
