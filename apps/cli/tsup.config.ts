import { copyFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  noExternal: ['@bpf/terminal'],
  // Commands are loaded when they run: `bpf --version` reads one small file.
  splitting: true,
  banner: { js: '#!/usr/bin/env node' },
  onSuccess: async () => copyFileSync('../../packages/fixtures/objects/examples/execsnoop.o', 'dist/execsnoop.o'),
})
