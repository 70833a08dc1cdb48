/** Orders on the v1 wire. */
import { type Static, Type } from 'typebox';
import { Decimal, PRICE_BY_TYPE, QueryInteger } from '../keywords.ts';
import { ORDER_WORDS } from '../statuses.ts';
import { Answered, Exact, ExactOrNull, printable, refTo, Timestamp, Uuid } from './vocabulary.ts';

/** Letters, digits and what tickers have between them: `AAPL`, `BRK.B`, `EUR/USD`, `BTC-USD`. */
const SYMBOL_PATTERN = '^[A-Za-z0-9][A-Za-z0-9./_:=^-]*$';
const Ticker = Type.String({ minLength: 1, maxLength: 20, pattern: SYMBOL_PATTERN, examples: ['AAPL'] });
const Side = Type.Enum(['BUY', 'SELL']);
const OrderType = Type.Enum(['LIMIT', 'MARKET'], { default: 'LIMIT' });
const Word = Type.Enum([...ORDER_WORDS]);

export const OrderRequest = Type.Object(
  {
    symbol: Ticker,
    side: Side,
    type: Type.Optional(OrderType),
    quantity: Decimal('positive', { description: 'A whole number of lots', examples: [100] }),
    price: Type.Optional(
      Decimal('positive', {
        description: 'The limit, a whole number of ticks; a MARKET order has none',
        examples: [150.5],
      }),
    ),
    strategy: Type.Optional(printable(50, { default: 'default' })),
    client_order_id: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'], // null as in our answers: none
        minLength: 1,
        maxLength: 64,
        pattern: '^[\\x21-\\x7e]*$',
        description: 'Your own name for the order: once a trading day. A repetition answers 409.',
      }),
    ),
  },
  { $id: 'OrderRequest', additionalProperties: false, [PRICE_BY_TYPE]: true },
);
export type OrderRequest = Static<typeof OrderRequest>;

export const Violation = Type.Object(
  {
    rule: Type.String(),
    observed: ExactOrNull({ description: 'What the limit would have had to bear' }),
    limit: ExactOrNull(),
    reference_price: ExactOrNull({ description: 'The price the order was reckoned at' }),
  },
  { $id: 'Violation' },
);

export const OrderAnswer = Type.Object(
  {
    order_id: Uuid,
    status: Word,
    ...Answered,
    message: Type.String(),
    reason: Type.Optional(Type.String({ description: 'RISK where our own rules refused it' })),
    violations: Type.Optional(Type.Array(refTo('Violation'))),
  },
  { $id: 'OrderAnswer' },
);

export const CancelAnswer = Type.Object(
  { order_id: Uuid, status: Word, ...Answered, message: Type.String() },
  { $id: 'CancelAnswer' },
);

/** Of what was sent and not answered in time. */
export const PendingAnswer = Type.Object(
  { order_id: Uuid, status: Type.Literal('PENDING'), ...Answered, message: Type.String() },
  { $id: 'PendingAnswer' },
);

export const OrderDetail = Type.Object(
  {
    order_id: Uuid,
    correlation_id: Uuid,
    symbol: Type.String(),
    side: Side,
    quantity: Exact(),
    price: ExactOrNull({ description: 'null for a market order' }),
    status: Word,
    executed_quantity: Exact(),
    executed_price: ExactOrNull({ description: 'Average over the fills; null until the first' }),
    created_at: Timestamp,
    rejection_reason: Type.Union([Type.String(), Type.Null()]),
    type: OrderType,
    strategy: Type.String(),
    client_order_id: Type.Union([Type.String(), Type.Null()]),
    account: Type.String(),
    user_id: Type.String(),
  },
  { $id: 'OrderDetail' },
);

export const OrderList = Type.Object(
  {
    orders: Type.Array(
      Type.Object({
        order_id: Uuid,
        symbol: Type.String(),
        side: Side,
        quantity: Exact(),
        status: Word,
        created_at: Timestamp,
      }),
    ),
    total: Type.Integer({ description: 'How many match, on all pages' }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'Give it as `cursor` for the next page',
    }),
  },
  { $id: 'OrderList' },
);

/** Orders a page holds at most, and holds where nothing is asked: clients of the original expect all there are. */
export const PAGE_MAX = 1000;

export const OrderQuery = Type.Object(
  {
    symbol: Type.Optional(Ticker),
    status: Type.Optional(Word),
    limit: Type.Optional(QueryInteger({ minimum: 1, maximum: PAGE_MAX }, { default: String(PAGE_MAX) })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]*$' })),
  },
  { additionalProperties: false },
);
export type OrderQuery = Static<typeof OrderQuery>;

export const OrderPath = Type.Object({ order_id: Type.String() });
export type OrderPath = Static<typeof OrderPath>;
