/** What the values of each label may be: an instrument whose label has no rule here does not pass. */

export const LABEL_RULES: Readonly<Record<string, RegExp>> = {
  method: /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|other)$/,
  route: /^(unmatched|\/[A-Za-z0-9_/:.*-]*)$/,
  status: /^[2345]\d\d$/,
  code: /^[A-Z_]{4,40}$/,
  outcome: /^(granted|refused|unanswered)$/,
  rule: /^[A-Z_]{4,30}$/,
  limit: /^(position|daily_volume|net_exposure|gross_exposure)$/,
  /** Named by the operator, and so few. */
  shard: /^[A-Za-z0-9_.-]{1,64}$/,
  venue: /^[A-Za-z0-9_.-]{1,64}$/,
  place: /^(data|checkpoints|backups)$/,
  pool: /^[a-z_]{1,30}$/,
  state: /^(busy|idle)$/,
  part: /^[a-z]{1,20}$/,
  why: /^[A-Za-z]{1,30}$/,
  kind: /^(backup|drill|verify|checkpoints)$/,
  version: /^\d+\.\d+\.\d+$/,
  /** They name themselves: they are bounded by number, at once and over time. */
  standby: /^.{1,63}$/,
  le: /^(\+Inf|[0-9.]+)$/,
};

const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g;

/** The labels of one line of a scrape. */
export const labelsOf = (line: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from(line.matchAll(LABEL), ([, name = '', value = '']) => [name, value]));
