import { fileURLToPath } from 'node:url'
import { readFixture } from '@bpf/fixtures'
import { genTypes, readObject, setRecordType } from '@bpf/object'
import ts from 'typescript'
import { expect, it } from 'vitest'

/** In this directory, so that `@bpf/loader` is found; only in memory. */
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** What `tsc --strict` says of these files. */
function diagnose(files: Readonly<Record<string, string>>): string[] {
  const sources = new Map(Object.entries(files).map(([name, text]) => [pathOf(name), text]))
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.esnext.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['@bpf/source'],
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = path => sources.has(path) || fileExists(path)
  host.readFile = path => sources.get(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...more) => {
    const text = sources.get(path)
    return text === undefined ? getSourceFile(path, version, ...more) : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  return [...sources.keys()].flatMap(path => {
    const file = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  })
}

async function generate(fixture: string, name: string, recordTypes: Readonly<Record<string, string>> = {}): Promise<string> {
  const bytes = await readFixture(fixture)
  const spec = readObject(bytes, { name })
  for (const [map, type] of Object.entries(recordTypes)) setRecordType(spec, map, type)
  return genTypes(spec, { object: { kind: 'embedded', bytes } })
}

it('generated types compile, let the right names and values pass and no others', { timeout: 120_000 }, async () => {
  const use = `
    import { open as openExecsnoop, type ExecEvent } from './generated-execsnoop'
    import { open as openKinds } from './generated-map-kinds'
    import { open as openRing } from './generated-ring-kinds'
    import { open as openUntyped } from './generated-untyped'

    export async function right() {
      using object = openExecsnoop({ name: 'mine' }).set('target_pid', 1).set('show_exit', false).only('on_exec').load()
      const lost: bigint = object.variable('lost').get()
      for await (const record of object.records('events')) {
        if (record.kind === 'lost') continue
        const { pid, comm, kind, duration_ns }: ExecEvent = record.value
        const values: [number, string, 'EXEC' | 'EXIT' | number, bigint] = [pid, comm, kind, duration_ns]
        return [lost, values]
      }
      return object.attach({ targets: { on_exec: 'sched:sched_process_exec' } })
    }

    export async function kinds() {
      using object = openKinds().load()
      const metric: number | undefined = object.map('routes').get('10.0.0.0/8')?.metric
      object.map('rules').set({ length: 1, zone: 2, port: 3 }, 4)
      object.map('jobs').push({ id: 1, name: 'one' })
      const everyCpu: number[] | undefined = object.map('per_cpu').get(0)?.map(route => route.via)
      using ring = openRing().load()
      for await (const record of ring.records('records')) {
        if (record.kind === 'lost') continue
        // The first member tells which of the types it is.
        if (record.value.kind === 'CLOSED') return [metric, everyCpu, record.value.bytes + 1n]
      }
    }

    export async function said() {
      using object = openUntyped().load()
      for await (const { comm } of object.events('events')) return comm satisfies string
    }

    export async function wrong() {
      // @ts-expect-error a misspelt variable
      const object = openExecsnoop().set('target_pit', 1).load()
      // @ts-expect-error a value of the wrong type
      openExecsnoop().set('show_exit', 'yes')
      // @ts-expect-error a misspelt map
      object.map('event')
      // @ts-expect-error a map that delivers no events
      object.records('lost')
      // @ts-expect-error a misspelt program
      object.program('on_exce')
      // @ts-expect-error a program that is not there, to be attached
      object.attach({ targets: { on_fork: 'sched:sched_process_fork' } })
      const kinds = openKinds().load()
      // @ts-expect-error keys are texts
      kinds.map('routes').get(10)
      // @ts-expect-error a member is missing
      kinds.map('jobs').push({ id: 1 })
      for await (const record of object.records('events')) {
        // @ts-expect-error no such member
        if (record.kind === 'record') return record.value.tid
      }
    }
  `
  const files = {
    'generated-execsnoop.ts': await generate('examples/execsnoop.o', 'execsnoop'),
    'generated-map-kinds.ts': await generate('features/map-kinds.o', 'map-kinds'),
    'generated-ring-kinds.ts': await generate('features/ring-kinds.o', 'ring-kinds'),
    'generated-untyped.ts': await generate('features/untyped-records.o', 'untyped-records', { events: 'struct event' }),
    'generated-use.ts': use,
  }
  expect(diagnose(files)).toEqual([])
  expect(diagnose({ ...files, 'generated-use.ts': use.replace("'target_pit'", "'target_pid'") })).toEqual([
    "Unused '@ts-expect-error' directive.",
  ])
})
