import { linkObjects } from '@bpf/object'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { readFileNaming } from '../object-file'
import { writeOutput } from '../output-file'

export interface GenObjectInvocation {
  readonly positionals: readonly string[]
  readonly options: { readonly output: string | undefined }
  readonly io: Io
}

export async function runGenObject({ positionals, options, io }: GenObjectInvocation): Promise<number> {
  if (options.output === undefined) throw new UsageError('the file to write is missing: -o FILE')
  if (positionals.length === 0) throw new UsageError('the objects to link are missing')
  const linked = linkObjects(positionals.map(name => ({ name, bytes: readFileNaming(name, io) })))
  writeOutput(options.output, linked, io)
  return ExitCode.Ok
}
