/** From values to places on a plot, and where its ticks stand. */

export interface Scale {
  place(value: number): number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/** From zero or above, in even steps of 1, 2 or 5. `from` and `to` are places. */
export function linearScale(least: number, most: number, from: number, to: number, ticksAbout = 6): Scale {
  const span = most > least ? most - least : 1;
  const step = roundStep(span / ticksAbout);
  const first = Math.ceil(least / step) * step;
  const count = Math.floor((least + span - first) / step + 1e-9) + 1;
  const ticks = Array.from({ length: count }, (_, i) => Number((first + i * step).toPrecision(12)));
  return {
    place: (value) => from + ((value - least) / span) * (to - from),
    ticks: ticks.map((value) => ({ value, label: value.toLocaleString('en-US') })),
  };
}

/** The next higher of 1, 2 and 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const times = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return times * power;
}

const DECADES_WITH_STEPS = 3;

/** Whole decades around `least` and `most`, both above zero. */
export function logScale(least: number, most: number, from: number, to: number): Scale {
  const low = Math.floor(Math.log10(least) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(most) - 1e-9));
  const steps = high - low <= DECADES_WITH_STEPS ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let decade = low; decade <= high; decade++) {
    for (const step of steps) {
      const value = Number((step * 10 ** decade).toPrecision(6));
      if (value <= 10 ** high * (1 + 1e-9)) ticks.push(value);
    }
  }
  return {
    place: (value) => from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from),
    ticks: ticks.map((value) => ({
      value,
      label: value.toLocaleString('en-US', { maximumFractionDigits: 6 }),
    })),
  };
}
