import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/main.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  noExternal: ['@bpf/terminal'],
  splitting: true,
  banner: { js: '#!/usr/bin/env node' },
})
