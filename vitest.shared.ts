import { defineConfig } from 'vitest/config'

/** Tests run on the sources, without a build: the `@bpf/source` export condition. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@bpf/source'] } },
  resolve: { conditions: ['@bpf/source'] },
  test: { include: ['src/**/*.test.ts'], pool: 'forks', testTimeout: 30_000, passWithNoTests: true },
})
