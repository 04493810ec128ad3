import { defineConfig } from 'vitest/config';

const setupFiles = ['test/support/property-seed.ts'];

/** `unit`: fast, no process started. `flow`: the real engine, real senders, one file at a time. `browser`: the page as people see it. `long`: hours, by hand. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/contract/**/*.test.ts'],
          maxWorkers: '100%',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'flow',
          setupFiles,
          include: ['test/flow/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'long', include: ['test/long/**/*.test.ts'], fileParallelism: false, testTimeout: 7_200_000, hookTimeout: 120_000 } },
    ],
  },
});
