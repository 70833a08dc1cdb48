/** Names that others choose, as a label: only so many ever become one, however long the process lives. */

/** What all later ones are called together. */
export const OTHERS = 'others';

export class BoundedNames {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** `name` itself, if it is one of the first so many. */
  labelOf(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#max) return OTHERS;
    this.#known.add(name);
    return name;
  }
}
