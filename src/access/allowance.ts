/** How often someone may knock: asked with every request, so it answers at once, wherever the count is kept. */

export interface Allowance {
  /** Takes one request of `key`'s allowance: 0 when there was one, else the milliseconds until there is. */
  take(key: string): number;
}
