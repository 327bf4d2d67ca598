import { defineConfig } from 'vitest/config'

/** In CI the same seed each time, unless one is given: see vitest.seed.ts. */
const seed = process.env['FUZZ_SEED'] ?? (process.env['CI'] ? '20251122' : undefined)
const runs = process.env['FUZZ_RUNS']

/** Tests run on the sources, without a build: the `@bpf/source` export condition. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@bpf/source'] } },
  resolve: { conditions: ['@bpf/source'] },
  test: {
    include: ['src/**/*.test.ts'],
    pool: 'forks',
    // Files of one process share the modules that they import, which takes half the time: mocks of modules would be seen by all.
    isolate: false,
    testTimeout: 30_000,
    passWithNoTests: true,
    // Also for the page of a browser, which has no environment of its own.
    env: { ...(seed && { FUZZ_SEED: seed }), ...(runs && { FUZZ_RUNS: runs }) },
  },
})
