import { defineConfig, type Options } from 'tsup'

/** One build for every library: ESM, types, source maps. `inline` names workspace packages to bundle instead of import. */
export function library({ inline = [], ...options }: Options & { readonly inline?: string[] } = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    platform: 'neutral',
    sourcemap: true,
    clean: true,
    noExternal: inline,
    // tsup sets `baseUrl`, which TypeScript 6 deprecates.
    dts: { resolve: inline, compilerOptions: { ignoreDeprecations: '6.0' } },
    esbuildOptions(esbuild) {
      esbuild.conditions = ['@bpf/source']
    },
    ...options,
  })
}
