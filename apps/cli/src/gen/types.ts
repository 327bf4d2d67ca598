import { dirname, relative, sep } from 'node:path'
import { genTypes, isEventBuffer, type ObjectPlace, readObject } from '@bpf/object'
import { ExitCode, type Io } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { printOrWrite } from '../output-file'
import { setRecordTypes, untypedHints } from '../record-types'

export interface GenTypesInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly output: string | undefined; readonly type: readonly string[]; readonly beside: boolean }
  readonly io: Io
}

export async function runGenTypes({ positionals, options, io }: GenTypesInvocation): Promise<number> {
  const [path] = positionals
  const file = readObjectFile(path, io)
  const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
  setRecordTypes(spec, options.type)
  const object: ObjectPlace =
    options.beside && path !== undefined
      ? { kind: 'beside', path: pathFrom(options.output, path, io) }
      : { kind: 'embedded', bytes: file.bytes }
  printOrWrite(options.output, genTypes(spec, { object }), io)
  for (const warning of spec.warnings) io.note(io.style('yellow', `warning: ${warning}`))
  for (const hint of spec.btf === undefined
    ? []
    : untypedHints(
        spec,
        spec.maps.filter(isEventBuffer).map(({ name }) => name),
      ))
    io.note(hint)
  if (spec.btf === undefined) io.note('the object has no BTF, so that keys and values are bytes: compile it with clang -g')
  return ExitCode.Ok
}

/** Of the object, as the module in `output` imports it. */
function pathFrom(output: string | undefined, object: string, io: Io): string {
  const directory = output === undefined ? '.' : dirname(output)
  const path = relative(io.resolvePath(directory), io.resolvePath(object)).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}
