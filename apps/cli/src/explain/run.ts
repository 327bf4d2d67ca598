import { explain, getProgram, plan, readObject } from '@bpf/object'
import type { Io, OptionValues } from '@bpf/terminal'
import { ExitCode, toJson } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { readTarget, type TargetOptions } from '../target'
import { printExplanation } from './print'

export interface ExplainInvocation {
  readonly positionals: readonly string[]
  readonly options: TargetOptions &
    OptionValues<{ only: { type: 'string'; multiple: true; description: string }; json: { type: 'boolean'; description: string } }>
  readonly io: Io
}

export async function runExplain({ positionals, options, io }: ExplainInvocation): Promise<number> {
  const file = readObjectFile(positionals[0], io)
  const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
  for (const name of options.only) getProgram(spec, name)
  const target = readTarget(options, spec, io)
  const planned = plan(spec, target, { keepGoing: true, ...(options.only.length > 0 ? { programs: options.only } : {}) })
  const explanation = explain(file.bytes, spec, planned)
  if (options.json) io.out(toJson(explanation))
  else printExplanation(explanation, io)
  for (const warning of planned.warnings) io.note(io.style('yellow', `warning: ${warning}`))
  return ExitCode.Ok
}
