import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], exclude: string[] = []) => ({
  extends: './vitest.shared.ts',
  test: { name, include, exclude: ['**/node_modules/**', ...exclude] },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', ['{packages,apps}/*/src/**/*.test.ts'], ['**/*.kernel.test.ts']),
      // Tests that touch the kernel count what is loaded before and after: run one file at a time (--no-file-parallelism).
      project('kernel', ['{packages,apps}/*/src/**/*.kernel.test.ts']),
      project('workspace', ['scripts/**/*.test.ts']),
    ],
  },
})
