import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/build.ts'],
    setupFiles: ['test/helpers/priority.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What a page shows comes when the machine has time for it.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // Many wait for brokers, disks and time more than they compute.
    maxWorkers: 3,
    coverage: { provider: 'v8', include: ['src/**'] },
  },
})
