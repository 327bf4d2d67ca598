import { cpSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

const common: Options = { format: ['esm'], target: 'node20', platform: 'node', sourcemap: true }

/** Objects of the bundled scenarios. */
function copyObjects(): void {
  const objects = '../../packages/fixtures/objects'
  for (const file of [
    'attach/every-hook.o',
    'attach/freplace.o',
    'attach/indirect-jump.o',
    'attach/loading.o',
    'attach/module.o',
    'attach/resizable-hash.o',
    'attach/reuseport.o',
    'attach/struct-ops.o',
    'attach/tracing-multi.o',
    'attach/usdt.o',
    'attach/xdp-chain.o',
    'elf/probes-fixed.elf',
    'elf/probes.elf',
    'features/streams.o',
    'legacy/programs.o',
    'legacy/tail-calls.o',
  ]) {
    cpSync(`${objects}/${file}`, `dist/objects/${file.split('/')[1]}`)
  }
}

export default defineConfig([
  {
    ...common,
    // `runner` is started by `main`, on this machine.
    entry: { main: 'src/main.ts', runner: 'src/run/start-on-host.ts', index: 'src/index.ts' },
    noExternal: ['@bpf/terminal', '@bpf/attach/testing', '@bpf/kernel/testing'],
    splitting: true,
    banner: { js: '#!/usr/bin/env node' },
    dts: { entry: { index: 'src/index.ts' }, compilerOptions: { ignoreDeprecations: '6.0' } },
    esbuildOptions(esbuild) {
      esbuild.conditions = ['@bpf/source']
    },
    onSuccess: async () => copyObjects(),
  },
  {
    ...common,
    // The same runner as one file, for guests, which have no packages but koffi. A map would be parsed there, and is not looked at.
    entry: { runner: 'src/run/runner.ts', start: 'src/guest/start.ts' },
    outDir: 'dist/guest',
    format: ['cjs'],
    sourcemap: false,
    noExternal: [/^(?!koffi$)/],
    external: ['koffi'],
    splitting: false,
    esbuildOptions(esbuild) {
      esbuild.conditions = ['@bpf/source']
    },
  },
])
