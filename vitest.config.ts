/** Which tests run where: units without I/O, integration on real services, chaos with kills, the stack with all of it, deploy/ with others' tools. */
import { defineConfig } from 'vitest/config';

const integration = ['**/*.int.test.ts'];
const chaos = ['**/*.chaos.test.ts'];
const stack = ['**/*.stack.test.ts'];
const deploy = ['**/*.deploy.test.ts'];
/** What is asked again and again until it is so: a bound on what hangs, as all others here. */
const expectations = { poll: { timeout: 20_000 } };
const never = ['**/node_modules/**', 'data/**', 'coverage/**', '.stack/**'];

export default defineConfig({
  test: {
    reporters: ['default'],
    maxWorkers: '100%', // of the cores; what must be alone says so below
    projects: [
      {
        test: {
          name: 'unit',
          expect: expectations,
          include: ['**/*.test.ts'],
          exclude: [...never, ...integration, ...chaos, ...stack, ...deploy],
          testTimeout: 60_000, // a bound on what hangs, not on what a busy machine takes
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          expect: expectations,
          include: integration,
          exclude: never,
          globalSetup: ['test/postgres.ts', 'test/kafka.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'chaos',
          expect: expectations,
          include: chaos,
          exclude: never,
          globalSetup: ['test/postgres.ts', 'test/kafka.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // Kills, stopped databases and full disks: one such story at a time, or each blames the other's.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'stack',
          expect: expectations,
          include: stack,
          exclude: never,
          globalSetup: ['stack/shared-stack.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // All of it stands on one machine: one file at a time, in one process after another.
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'deploy',
          expect: expectations,
          include: deploy,
          exclude: never,
          testTimeout: 300_000, // a tool that has to be fetched first takes its time
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
