/** The stop for what must never be: a broken invariant is a bug, and a process that has one may not go on. */

/** A broken invariant. Never caught to carry on: the process that meets one stops, and recovers as it starts. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/** Stops the process's work when `condition` does not hold. Stays on in production. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantBroken(invariant);
}

/** Closes a switch over a union: a forgotten case does not compile. */
export function unreachable(value: never): never {
  const { type } = value as { type?: unknown };
  throw new InvariantBroken(`unreachable: ${typeof type === 'string' ? type : typeof value}`);
}
