import { defineConfig } from 'vitest/config'

const project = (
  name: string,
  include: string[],
  { exclude = [], setupFiles = [] }: { exclude?: string[]; setupFiles?: string[] } = {},
) => ({
  extends: './vitest.shared.ts',
  test: { name, include, setupFiles, exclude: ['**/node_modules/**', ...exclude] },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', ['{packages,apps}/*/src/**/*.test.ts', 'examples/*.test.ts'], {
        exclude: ['**/*.kernel.test.ts'],
        setupFiles: ['./vitest.seed.ts'],
      }),
      // Tests that touch the kernel count what is loaded before and after: run one file at a time (--no-file-parallelism).
      project('kernel', ['{packages,apps}/*/src/**/*.kernel.test.ts', 'examples/*.kernel.test.ts']),
      project('workspace', ['scripts/**/*.test.ts']),
    ],
  },
})
