/** How requests reach a deployment. An adapter speaks one protocol, and is named by it. */

export type Operation =
  | { readonly kind: 'place'; readonly order: OrderWords }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'get'; readonly orderId: string }
  | { readonly kind: 'positions' };

export interface OrderWords {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: string;
  /** Undefined for a market order. */
  readonly price: string | undefined;
  readonly clientOrderId: string;
}

/** `good`: done as asked. `refused`: understood, and a rule says no. `failed`: neither, or nobody knows. */
export type AnswerKind = 'good' | 'refused' | 'failed';

export interface Answer {
  readonly kind: AnswerKind;
  /** `200 APPROVED`, `200 REJECTED POSITION_LIMIT`, `503 SEQUENCER_BUSY`; what stood in the way where none came: `TIMEOUT`. */
  readonly outcome: string;
  readonly orderId: string | undefined;
  readonly clientOrderId: string | undefined;
}

export interface Transport {
  /** May a request begin at once? Asking for room that is not there makes some, within the adapter's bounds. */
  hasRoom(): boolean;
  /** Called whenever there is room again. */
  onRoom: () => void;
  /**
   * Begins `operation` for the holder of `token`. There must be room. `heard` is called exactly once and never from
   * within this call: with the answer, or with why none came in the adapter's time.
   */
  begin(operation: Operation, token: string, heard: (answer: Answer) => void): void;
  /** Why connections could not be made, and how often. */
  readonly troubles: ReadonlyMap<string, number>;
  /** Hangs up. What is under way is heard as failed. */
  close(): void;
}
