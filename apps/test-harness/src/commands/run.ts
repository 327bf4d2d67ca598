import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { defineCommand, ExitCode } from '@bpf/terminal'
import { type ReporterName, reporterNames } from '../report/reporters'
import { succeeded } from '../results'
import type { ScenarioSource } from '../run/job'
import { chosenKernels, kernelOptions } from './kernel-options'

export const run = defineCommand({
  name: 'run',
  summary: 'run scenarios, or every program of an object, on this kernel or on others',
  operands: '[OBJ.o | SCENARIO.ts …]',
  maxOperands: 1000,
  options: {
    ...kernelOptions,
    only: { type: 'string', multiple: true, value: 'TEXT', description: 'only scenarios whose name or family contains this' },
    reporter: { type: 'string', value: 'NAME', choices: reporterNames, description: 'what to print; matrix unless given' },
    markdown: { type: 'string', value: 'FILE', description: 'also write the table of families and kernels' },
  },
  examples: ['bpf-test', 'bpf-test my.o --kernel 5.10 --kernel newest', 'bpf-test my-scenario.ts -k host -k 6.1 --reporter junit'],
  run: async ({ positionals, options, io }) => {
    const { runAll, bundledObjects } = await import('../run/run-all')
    const { createReporter } = await import('../report/reporters')
    const { untilStopped } = await import('../run/stop')
    const kernels = await chosenKernels(options, io)
    const sources = await sourcesOf(positionals.map(io.resolvePath), bundledObjects)
    const reporter = await createReporter((options.reporter ?? 'matrix') as ReporterName, io)
    try {
      return await untilStopped(io, async signal => {
        const report = await runAll({ ...kernels, sources, only: options.only, signal, onEvent: reporter.event }).finally(reporter.stop)
        reporter.end(report)
        if (options.markdown !== undefined) {
          const { formatKernelsPage } = await import('../report/kernels-page')
          writeFileSync(io.resolvePath(options.markdown), formatKernelsPage(report))
        }
        return succeeded(report) ? ExitCode.Ok : ExitCode.Failed
      })
    } finally {
      for (const source of sources) if (source.kind === 'module') rmSync(dirname(source.path), { recursive: true, force: true })
    }
  },
})

async function sourcesOf(paths: readonly string[], bundledObjects: string): Promise<readonly ScenarioSource[]> {
  if (paths.length === 0) return [{ kind: 'bundled', objects: bundledObjects }]
  const { bundleScenario } = await import('../run/bundle-scenario')
  return Promise.all(
    paths.map(async path =>
      /\.[cm]?[jt]s$/.test(path) ? bundleScenario(path) : ({ kind: 'object', path, name: basename(path, '.o') } as const),
    ),
  )
}
