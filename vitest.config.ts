/** Which tests run where: units without I/O, integration on real PostgreSQL, chaos with kills and full disks. */
import { defineConfig } from 'vitest/config';

const integration = ['**/*.int.test.ts'];
const chaos = ['**/*.chaos.test.ts'];
const never = ['**/node_modules/**', 'data/**', 'coverage/**'];

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, ...integration, ...chaos],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: integration,
          exclude: never,
          globalSetup: ['test/postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'chaos',
          include: chaos,
          exclude: never,
          globalSetup: ['test/postgres.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Kills, stopped databases and full disks: one such story at a time, or each blames the other's.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
