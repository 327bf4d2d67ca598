import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, mergeConfig } from 'vitest/config'
import shared from './vitest.shared.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path))

/** The tests of the pure packages once more, in a browser: nothing in them may depend on Node. */
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['packages/{bytes,elf,btf,insn,object}/src/**/*.test.ts'],
      // Tests that compare with a compiler or the kernel at hand are Node's.
      exclude: ['**/*.kernel.test.ts', '**/*.node.test.ts'],
      setupFiles: ['./vitest.seed.ts'],
      // Damaged input was tried by the hundred thousand in Node; here the question is whether the code runs at all.
      env: { FUZZ_RUNS: process.env['FUZZ_RUNS'] ?? '300' },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            ...(chromium === undefined ? {} : { executablePath: chromium }),
            args: [
              '--no-sandbox',
              '--disable-gpu',
              '--no-first-run',
              '--disable-background-networking',
              '--disable-component-update',
              '--disable-sync',
            ],
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }),
)
