import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { defineCommand, ExitCode, UsageError } from '@bpf/terminal'
import { type ReporterName, reporterNames } from '../report/reporters'
import { succeeded } from '../results'
import type { ScenarioSource } from '../run/job'

export const run = defineCommand({
  name: 'run',
  summary: 'run scenarios, or every program of an object, on this kernel or on others',
  operands: '[OBJ.o | SCENARIO.ts …]',
  maxOperands: 1000,
  options: {
    kernel: {
      type: 'string',
      multiple: true,
      short: 'k',
      value: 'KERNEL',
      description: '5.10, 6.1, 6.12, newest, host, or a .deb, a directory, a bzImage; host unless given',
    },
    only: { type: 'string', multiple: true, value: 'TEXT', description: 'only scenarios whose name or family contains this' },
    reporter: { type: 'string', value: 'NAME', choices: reporterNames, description: 'what to print; matrix unless given' },
    markdown: { type: 'string', value: 'FILE', description: 'also write the table of families and kernels' },
    jobs: { type: 'string', short: 'j', value: 'COUNT', description: 'guests at a time' },
    cache: { type: 'string', value: 'DIR', description: 'where kernels are kept' },
    logs: { type: 'string', value: 'DIR', description: 'where the consoles of guests go' },
  },
  examples: ['bpf-test', 'bpf-test my.o --kernel 5.10 --kernel newest', 'bpf-test my-scenario.ts -k host -k 6.1 --reporter junit'],
  run: async ({ positionals, options, io }) => {
    const { defaultCache, KernelStore } = await import('../kernels/store')
    const { runAll, bundledObjects } = await import('../run/run-all')
    const { createReporter } = await import('../report/reporters')
    const store = new KernelStore(options.cache === undefined ? defaultCache() : io.resolvePath(options.cache))
    const names = [...new Set(options.kernel.length === 0 ? ['host'] : options.kernel)]
    const sources = await sourcesOf(positionals.map(io.resolvePath), bundledObjects)
    const reporter = await createReporter((options.reporter ?? 'matrix') as ReporterName, io)
    try {
      const report = await runAll({
        host: names.includes('host'),
        kernels: names
          .filter(name => name !== 'host')
          .map(name => store.resolve(/[./]/.test(name) && !/^\d+\.\d+$/.test(name) ? io.resolvePath(name) : name)),
        sources,
        only: options.only,
        cache: store.directory,
        logs: options.logs === undefined ? join(tmpdir(), `bpf-test-logs-${process.pid}`) : io.resolvePath(options.logs),
        jobs: options.jobs === undefined ? undefined : wholeNumber(options.jobs),
        onEvent: reporter.event,
      })
      reporter.end(report)
      if (options.markdown !== undefined) {
        const { formatKernelsPage } = await import('../report/kernels-page')
        writeFileSync(io.resolvePath(options.markdown), formatKernelsPage(report))
      }
      return succeeded(report) ? ExitCode.Ok : ExitCode.Failed
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

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--jobs ${text}: not a number of guests`)
  return number
}
