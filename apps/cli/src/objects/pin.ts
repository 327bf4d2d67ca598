import { pinObject } from '@bpf/maps'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { openOne, takeSelector } from '../selector'

interface Invocation {
  readonly positionals: readonly string[]
  readonly io: Io
}

/** `bpf map pin SELECTOR PATH`, and of programs and links. */
export function runPin(kind: 'map' | 'prog' | 'link', { positionals, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, kind, io)
  const [path, ...others] = rest
  if (path === undefined || others.length > 0) throw new UsageError('where is it to be pinned?', `bpf ${kind} pin id 7 /sys/fs/bpf/mine`)
  return withKernel(context => {
    using object = openOne(context, kind, selector)
    pinObject(context.sys, object.fd, io.resolvePath(path))
    return ExitCode.Ok
  })
}
