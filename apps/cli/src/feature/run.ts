import type { Kernel } from '@bpf/kernel'
import { readObject } from '@bpf/object'
import { type CapabilityName, withoutCapabilities } from '@bpf/sys'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { readNaming, readObjectFile } from '../object-file'
import { againstDocument } from './against'
import { bpftoolFeatures } from './bpftool'
import { listBuiltins } from './builtins'
import { type FeatureDocument, featureDocument, parseProgramType, programTypes } from './document'
import { macroLines } from './macros'
import { printAgainst, printFeatures } from './print'
import { type ProbeOptions, parseProbeWords } from './probe-words'

interface FeatureOptions extends ProbeOptions {
  readonly helpers: boolean
  readonly type: readonly string[]
  readonly against: string | undefined
  readonly json: boolean
  readonly 'bpftool-json': boolean
}

export interface FeatureInvocation {
  readonly positionals: readonly string[]
  readonly options: FeatureOptions
  readonly io: Io
}

/** By which bpf(2) tells who may do more than anybody. */
const bpfCapabilities: readonly CapabilityName[] = ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF']

export async function runFeature({ positionals: [word, ...words], options: given, io }: FeatureInvocation): Promise<number> {
  if (word === 'list_builtins') return listBuiltins(words, given.json || given['bpftool-json'], io)
  if (word !== undefined && word !== 'probe') throw new UsageError(`feature ${word}: what is that?`, 'say probe, or list_builtins')
  const options = { ...given, ...parseProbeWords(words, given) }
  const { against, unprivileged } = options
  checkCombination(options)
  const helpersOf = helperTypes(options)
  return withKernel(({ sys, kernel }) => {
    if (against !== undefined) return reportAgainst(kernel, against, options, io)
    const report = () => reportFeatures(kernel, helpersOf, options, io)
    return unprivileged ? withoutCapabilities(sys, bpfCapabilities, report) : report()
  })
}

/** @throws UsageError */
function checkCombination({ type, helpers, against, unprivileged, macros, json, 'bpftool-json': bpftoolJson }: FeatureOptions): void {
  if (type.length > 0 && !helpers) throw new UsageError('--type is about helpers', 'add --helpers')
  if (macros && (json || bpftoolJson)) throw new UsageError('macros are C, not JSON')
  if (against !== undefined && (unprivileged || macros)) throw new UsageError('--against asks what this kernel has, whoever uses it')
}

/** The program types whose helpers are wanted. @throws UsageError */
function helperTypes({ helpers, full, type }: FeatureOptions): readonly number[] | undefined {
  if (type.length > 0) return type.map(parseProgramType)
  return helpers || full ? [...programTypes.values()] : undefined
}

function reportAgainst(kernel: Kernel, path: string, { json }: FeatureOptions, io: Io): number {
  const file = readObjectFile(path, io)
  const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
  const document = againstDocument(kernel, file.name, spec)
  if (json) io.out(toJson(document))
  else printAgainst(document, io)
  return document.fits ? ExitCode.Ok : ExitCode.Unavailable
}

function reportFeatures(kernel: Kernel, helpersOf: readonly number[] | undefined, options: FeatureOptions, io: Io): number {
  const { full, unprivileged, macros, prefix, json } = options
  if (macros) for (const line of macroLines(bpftoolFeatures(kernel, full), { prefix, full })) io.out(line)
  else if (options['bpftool-json']) io.out(toJson(bpftoolFeatures(kernel, full)))
  else {
    // What is refused to somebody without capabilities is not there for them.
    const document = featureDocument(kernel, { helpersOf, noisy: full, unknown: unprivileged ? false : null })
    if (json) io.out(toJson(document))
    else {
      printFeatures(document, io)
      const remark = remarkOn(document, unprivileged)
      if (remark !== undefined) io.note(io.style('dim', remark))
    }
  }
  return ExitCode.Ok
}

/** What a reader should know of the answers. */
function remarkOn({ programTypes }: FeatureDocument, unprivileged: boolean): string | undefined {
  if (unprivileged) return 'as a user without capabilities finds it: what is refused counts as lacking'
  return Object.values(programTypes).includes(null) ? 'unknown: the kernel or this user may not be asked; see bpf doctor' : undefined
}
