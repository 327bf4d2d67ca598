import { dirname } from 'node:path'
import { checkPinPath, makePinDirectory } from '@bpf/maps'
import { ExitCode, type Io, type OptionValues, UsageError } from '@bpf/terminal'
import { kernelWithBtf, withKernel } from '../context'
import { attachIterator } from './attach-iterator'
import type { iterOptions } from './options'

/** `bpf iter pin OBJ PATH [map MAP]`: a file that runs the iterator whenever it is read. */
export function runIterPin(invocation: {
  readonly positionals: readonly string[]
  readonly options: OptionValues<typeof iterOptions> & { readonly program: string | undefined }
  readonly io: Io
}): Promise<number> {
  const { positionals, options, io } = invocation
  const [path, pin, keyword, ...map] = positionals
  if (path === undefined || pin === undefined) throw new UsageError('which object, and where to?', 'bpf iter pin OBJ PATH [map MAP]')
  if (keyword !== undefined && (keyword !== 'map' || map.length === 0))
    throw new UsageError(`${keyword}: not understood`, 'map MAP may follow')
  const chosen = keyword === undefined ? options : { ...options, map: map.join(' ') }
  const target = io.resolvePath(pin)
  return withKernel(
    context => {
      checkPinPath(target)
      using iterator = attachIterator(context, { path, program: options.program, options: chosen }, io)
      makePinDirectory(dirname(target))
      iterator.link.pin(target)
      io.note(`cat ${pin} runs ${iterator.program.name} over ${iterator.link.target}; remove it with rm`)
      return ExitCode.Ok
    },
    kernelWithBtf(options.btf, io),
  )
}
