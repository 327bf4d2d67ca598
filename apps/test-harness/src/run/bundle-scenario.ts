import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { koffiDirectory } from '../guest/base'
import type { ScenarioSource } from './job'
import { ScenarioError } from './load-scenarios'

/** What users import: the module that they get is the same wherever their scenario runs. */
const harness: Plugin = {
  name: 'test-harness',
  setup(build) {
    build.onResolve({ filter: /^@bpf\/test-harness$/ }, ({ path }) => ({ path, namespace: 'test-harness' }))
    build.onLoad({ filter: /./, namespace: 'test-harness' }, () => ({ contents: 'export const scenario = definition => definition' }))
  },
}

/** A user's file of scenarios, TypeScript or not, as one module that runs here and in guests. @throws ScenarioError */
export async function bundleScenario(path: string): Promise<ScenarioSource & { readonly kind: 'module' }> {
  const directory = mkdtempSync(join(tmpdir(), 'bpf-test-scenario-'))
  const outfile = join(directory, `${basename(path).replace(/\.\w+$/, '')}.mjs`)
  // What is imported of the other packages is bundled, but for this; guests have their own.
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(koffiDirectory(), join(directory, 'node_modules', 'koffi'))
  try {
    await build({
      entryPoints: [path],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['koffi'],
      sourcemap: 'inline',
      plugins: [harness],
      logLevel: 'silent',
    })
  } catch (error) {
    rmSync(directory, { recursive: true })
    throw new ScenarioError(`${path} cannot be bundled: ${error instanceof Error ? error.message : error}`)
  }
  return { kind: 'module', path: outfile, base: dirname(resolve(path)) }
}
