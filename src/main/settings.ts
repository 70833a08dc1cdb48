/** The kinds of setting there are: how the text of an environment variable becomes a value, or does not. */

/** A value, or what is wrong with the text: `is not …`. */
type Read<Value> =
  | { readonly value: Value; readonly wrong?: undefined }
  | { readonly value?: undefined; readonly wrong: string };

export interface Setting<Value> {
  readonly fallback: Value;
  /** One sentence for the operator. */
  readonly says: string;
  /** What may stand there, for the operator. */
  readonly takes: string;
  /** Does it open a door? Then it is never shown, and best kept in a file that few may read. */
  readonly isSecret?: true;
  read(given: string): Read<Value>;
}

export function text(fallback: string, says: string): Setting<string>;
export function text(fallback: undefined, says: string): Setting<string | undefined>;
export function text(fallback: string | undefined, says: string): Setting<string | undefined> {
  return { fallback, says, takes: 'text', read: (given) => ({ value: given }) };
}

/** A text that opens a door: a password, a key, or an address that may hold one. */
export const secret = (says: string): Setting<string | undefined> => ({
  ...text(undefined, says),
  takes: 'text, secret',
  isSecret: true,
});

export const list = (says: string): Setting<readonly string[]> => ({
  fallback: [],
  says,
  takes: 'texts, separated by commas',
  read: (given) => ({
    value: given
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  }),
});

export const oneOf = <Value extends string>(
  values: readonly Value[],
  fallback: Value,
  says: string,
): Setting<Value> => ({
  fallback,
  says,
  takes: values.map((value) => `\`${value}\``).join(', '),
  read: (given) => {
    const value = values.find((candidate) => candidate === given.toLowerCase());
    return value === undefined ? { wrong: `is not one of ${values.join(', ')}` } : { value };
  },
});

export const flag = (fallback: boolean, says: string): Setting<boolean> => ({
  fallback,
  says,
  takes: '`true`, `false`',
  read: (given) => {
    if (/^(true|1)$/i.test(given)) return { value: true };
    if (/^(false|0)$/i.test(given)) return { value: false };
    return { wrong: 'is not true or false' };
  },
});

export const integer = (fallback: number, least: number, most: number, says: string): Setting<number> => ({
  fallback,
  says,
  takes: `a whole number from ${least} to ${most}`,
  read: (given) => {
    const value = Number(given);
    const isFit = /^\d+$/.test(given) && value >= least && value <= most;
    return isFit ? { value } : { wrong: `is not a whole number from ${least} to ${most}` };
  },
});

/** A plain decimal from 0 to `most`, for rates and speeds: none of them is money. */
export const rate = (fallback: number, most: number, says: string): Setting<number> => ({
  fallback,
  says,
  takes: `a number from 0 to ${most}`,
  read: (given) => {
    const value = Number(given);
    const isFit = /^\d+(\.\d+)?$/.test(given) && value <= most;
    return isFit ? { value } : { wrong: `is not a number from 0 to ${most}` };
  },
});
