import { createContext } from '@bpf/loader'
import { readObject } from '@bpf/object'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { againstDocument } from './against'
import { bpftoolFeatures } from './bpftool'
import { listBuiltins } from './builtins'
import { featureDocument, parseProgramType, programTypes } from './document'
import { printAgainst, printFeatures } from './print'

export interface FeatureInvocation {
  readonly positionals: readonly string[]
  readonly options: {
    readonly helpers: boolean
    readonly type: readonly string[]
    readonly against: string | undefined
    readonly json: boolean
    readonly 'bpftool-json': boolean
  }
  readonly io: Io
}

export async function runFeature({ positionals, options, io }: FeatureInvocation): Promise<number> {
  if (positionals.length > 0) return listBuiltins(positionals, options.json || options['bpftool-json'], io)
  if (options.type.length > 0 && !options.helpers) throw new UsageError('--type is about helpers', 'add --helpers')
  const types = options.type.map(parseProgramType)
  const { kernel } = createContext()
  if (options.against !== undefined) {
    const file = readObjectFile(options.against, io)
    const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
    const document = againstDocument(kernel, file.name, spec)
    if (options.json) io.out(toJson(document))
    else printAgainst(document, io)
    return document.fits ? ExitCode.Ok : ExitCode.Unavailable
  }
  if (options['bpftool-json']) {
    io.out(toJson(bpftoolFeatures(kernel)))
    return ExitCode.Ok
  }
  const helpersOf = options.helpers ? (types.length > 0 ? types : [...programTypes.values()]) : undefined
  const document = featureDocument(kernel, { helpersOf })
  if (options.json) io.out(toJson(document))
  else printFeatures(document, io)
  if (Object.values(document.programTypes).includes(null) && !options.json)
    io.note(io.style('dim', 'unknown: the kernel or this user may not be asked; see bpf doctor'))
  return ExitCode.Ok
}
