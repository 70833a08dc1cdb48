/** Orders as bytes on the wire, made beforehand but for their client order ids. */

export const SYMBOLS = ['AAPL', 'MSFT', 'GOOGL', 'TSLA', 'AMZN', 'META', 'NVDA', 'SPY', 'QQQ', 'IWM'];
/** Far beyond any quote, so that every order is filled at once. */
const PRICES = { BUY: 900.5, SELL: 50.25 };
const ID_DIGITS = 12;
const ZERO = 48;

export class OrderBytes {
  readonly #templates: readonly { readonly bytes: Buffer; readonly idEnd: number }[];
  #made: number;

  /** `family`: one character; ids of different families never meet. */
  constructor(token: string, family: string) {
    this.#made = 0;
    const id = `${family}${'0'.repeat(ID_DIGITS)}`;
    this.#templates = SYMBOLS.flatMap((symbol) =>
      (['BUY', 'SELL'] as const).map((side) => {
        const order = { symbol, side, quantity: 1, price: PRICES[side], client_order_id: id };
        const body = JSON.stringify(order);
        const head = [
          'POST /api/v1/orders HTTP/1.1',
          'host: bench',
          `authorization: Bearer ${token}`,
          'content-type: application/json',
          `content-length: ${body.length}`,
        ];
        const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
        return { bytes, idEnd: bytes.lastIndexOf(id) + id.length };
      }),
    );
  }

  /** The next order: another symbol, the other side, a client order id never used before. */
  next(): Buffer {
    let n = ++this.#made;
    const template = this.#templates[n % this.#templates.length];
    if (template === undefined) throw new Error('no templates');
    const bytes = Buffer.from(template.bytes);
    for (let at = template.idEnd - 1; n > 0; at--) {
      bytes[at] = ZERO + (n % 10);
      n = Math.floor(n / 10);
    }
    return bytes;
  }
}
