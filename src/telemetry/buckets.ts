/** Where histograms draw their lines: seconds from ten microseconds to ten seconds, and sizes in powers of two. */

/** A decision takes tens of microseconds, a durable order about a millisecond, an outage seconds. */
export const SECONDS: readonly number[] = [
  0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
  0.25, 0.5, 1, 2.5, 5, 10,
];

export const SIZES: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
