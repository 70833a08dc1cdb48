/** What a dashboard is, said once: Grafana's file and our own picture are both made from it. */

/** As Grafana spells them. `percentunit` is a part of one, `ops` a rate a second. */
export type Unit = 's' | 'short' | 'percentunit' | 'ops' | 'reqps' | 'currencyUSD' | 'bytes';

export interface Query {
  readonly expr: string;
  /** The line's name; `{{label}}` stands for a label's value. */
  readonly legend: string;
}

export interface Threshold {
  /** From this value on. */
  readonly from: number;
  readonly colour: 'yellow' | 'red' | 'green';
}

export interface Panel {
  readonly title: string;
  /** What one sees here, and what to think of it: shown behind the (i) of the panel. */
  readonly says: string;
  /** A line over time, the newest value as a number, or the newest value on a scale. */
  readonly kind: 'timeseries' | 'stat' | 'gauge';
  readonly unit: Unit;
  readonly queries: readonly Query[];
  readonly thresholds?: readonly Threshold[];
  /** Green below the first threshold when not given. */
  readonly base?: 'green' | 'red';
  readonly min?: number;
  readonly max?: number;
  /** Words in the place of values. */
  readonly words?: Readonly<Record<number, string>>;
  readonly isStacked?: boolean;
  /** Each power of ten as high as the next: for what is a millisecond in good times and seconds in bad ones. */
  readonly isLog?: boolean;
  /** What a deployment must have for this to show anything. */
  readonly needs?: 'many processes' | 'TLS' | 'maintenance' | 'files of its own';
}

/** Panels side by side, sharing the width. */
export interface Row {
  readonly height: number;
  readonly panels: readonly Panel[];
}

/** A heading, and the rows below it. */
export interface Chapter {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly says: string;
  readonly chapters: readonly Chapter[];
}

export const panelsOf = ({ chapters }: Dashboard): readonly Panel[] =>
  chapters.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));

/** How the variables are called, and what they are when nobody has chosen. */
export const VARIABLES = ['deployment', 'shard', 'instance'] as const;
const EVERYTHING = '.*';

/** A query as Prometheus takes it: nothing chosen, rates over `window`. */
export const plainQuery = (expr: string, window: string): string =>
  expr
    .replaceAll('$__rate_interval', window)
    .replaceAll('$deployment', EVERYTHING)
    .replaceAll('$shard', EVERYTHING)
    .replaceAll('$instance', EVERYTHING);

/** Of the one deployment that is looked at: two desks of the same name are never added up. */
export const OF_DEPLOYMENT = 'deployment=~"$deployment"';
/** Of the chosen processes. */
export const OF_NODE = `${OF_DEPLOYMENT}, instance=~"$instance"`;
/** Of the chosen shards. */
export const OF_SHARD = `${OF_NODE}, shard=~"$shard"`;

const WINDOW = '[$__rate_interval]';

/** How fast a counter grows, in all the chosen processes together. */
export const rate = (counter: string, by = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`}(rate(${withNode(counter)}${WINDOW}))`;

/** The same, and zero while there is nothing to count: a failure that never happened has no series. */
export const rateOrZero = (counter: string, by = ''): string => `${rate(counter, by)} or on () vector(0)`;

/** What a part of all durations is below. Nothing while nothing happens. `only`: of those that match it. */
export function quantile(part: number, histogram: string, by = '', only = ''): string {
  const buckets = withNode(`${histogram}_bucket${only === '' ? '' : `{${only}}`}`);
  return `histogram_quantile(${part}, sum by (${by === '' ? '' : `${by}, `}le) (rate(${buckets}${WINDOW})))`;
}

function withNode(counter: string): string {
  return counter.includes('{') ? counter.replace('}', `, ${OF_NODE}}`) : `${counter}{${OF_NODE}}`;
}
