/** What a law comes to once it is held against the evidence, and how much of that it must have seen. */

/** A law holds over all that ever happened; what proves that it was tried is only what happened from `from` on. */
export interface Quota {
  readonly needs: number;
  /** Milliseconds since 1970. */
  readonly from: number;
}

export interface Verdict {
  readonly law: string;
  /** How many cases it was held against, of those that count. */
  readonly seen: number;
  /** Fewer than this prove nothing. */
  readonly needs: number;
  /** Each broken case in words. */
  readonly violations: readonly string[];
}

/** What `law` comes to. @param cases when each case that it was held against happened, in milliseconds since 1970 */
export function verdictOf(
  law: string,
  cases: readonly number[],
  { needs, from }: Quota,
  violations: readonly string[],
): Verdict {
  return { law, seen: cases.filter((at) => at >= from).length, needs, violations };
}

/** A law that saw too little does not hold: a check of nothing must not pass. */
export const holds = ({ seen, needs, violations }: Verdict): boolean =>
  violations.length === 0 && seen >= needs;

const SHOWN_MAX = 5;

/** The verdicts as a table of plain text, with the first few violations of each law. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ law }) => law.length));
  const lines = verdicts.flatMap((verdict) => {
    const { law, seen, needs, violations } = verdict;
    const few = seen < needs ? `  (needs ${needs})` : '';
    const mark = holds(verdict) ? '✓' : '✗';
    const head = `${mark} ${law.padEnd(width)} ${String(seen).padStart(8)} seen${few}`;
    const broken = violations.length === 0 ? [] : [`    ${violations.length} violations`];
    const more = violations.slice(0, SHOWN_MAX).map((violation) => `    ${violation}`);
    return [head, ...broken, ...more];
  });
  return lines.join('\n');
}
