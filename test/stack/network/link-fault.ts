/** What may be wrong with a link between two parts. */

export type LinkFault =
  | { readonly kind: 'none' }
  /**
   * Nothing arrives on that way, and nobody is told. What was sent is held, as TCP holds it, and arrives when the link
   * is whole again. New connections are made and stay silent.
   */
  | { readonly kind: 'cut'; readonly way: Way | 'both' }
  /** Everything arrives late and thin. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly bytesPerSecond: number }
  /** Connections are reset, and new ones too. */
  | { readonly kind: 'reset' };

export type Way = 'toServer' | 'toClient';

export const WHOLE: LinkFault = { kind: 'none' };

/** Does `fault` let nothing through on `way`? */
export const isCut = (fault: LinkFault, way: Way): boolean =>
  fault.kind === 'cut' && (fault.way === way || fault.way === 'both');
