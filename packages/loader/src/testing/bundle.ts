import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'

/** A program that runs without a test runner: in a process or a thread of its own. */
export interface Bundle extends Disposable {
  readonly path: string
}

/** Bundles a program of this package's sources, for plain Node. */
export async function bundle(source: URL): Promise<Bundle> {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-loader-test-'))
  const path = join(directory, 'program.mjs')
  // It loads a native library from beside itself, so it must stay where it is.
  const koffi = createRequire(new URL('../../../sys/package.json', import.meta.url)).resolve('koffi')
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@bpf/source'],
    logLevel: 'error',
    plugins: [{ name: 'koffi', setup: ({ onResolve }) => onResolve({ filter: /^koffi$/ }, () => ({ path: koffi, external: true })) }],
  })
  // The bundler would keep a process of its own, and pipes to it.
  await stop()
  return { path, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}
