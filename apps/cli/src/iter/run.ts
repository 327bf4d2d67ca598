import type { IterLink } from '@bpf/attach'
import { openLink } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import { ExitCode, type Io, type OptionValues, toJson, UsageError } from '@bpf/terminal'
import { kernelWithBtf, withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { attachIterator } from './attach-iterator'
import type { iterOptions } from './options'

interface Output {
  readonly json: boolean
}

/** `bpf iter run OBJ [PROG]`: what an iterator writes, once, to stdout. */
export function runIter(invocation: {
  readonly positionals: readonly string[]
  readonly options: OptionValues<typeof iterOptions> & Output
  readonly io: Io
}): Promise<number> {
  const { positionals, options, io } = invocation
  const [path, program] = positionals
  if (path === undefined) throw new UsageError('which object?', 'bpf iter run OBJ [PROG]')
  return withKernel(
    context => {
      using iterator = attachIterator(context, { path, program, options }, io)
      printOutput(iterator.link, options, io)
      return ExitCode.Ok
    },
    kernelWithBtf(options.btf, io),
  )
}

/** `bpf iter read SELECTOR`: the same of an iterator that is attached already. */
export function runIterRead(invocation: {
  readonly positionals: readonly string[]
  readonly options: Output
  readonly io: Io
}): Promise<number> {
  const { positionals, options, io } = invocation
  const { selector, rest } = takeSelector(positionals, 'link', io)
  noMore(rest)
  return withKernel(context => {
    const source = 'id' in selector ? selector : 'pinned' in selector ? { path: selector.pinned } : undefined
    if (source === undefined) throw new UsageError('say id N, or pinned PATH')
    using link = openLink(context, source)
    if (!isIterator(link)) throw new BpfError('ERR_BPF_LINK_KIND', `link ${link.id} is no iterator: it is ${link.kind} ${link.target}`)
    printOutput(link, options, io)
    return ExitCode.Ok
  })
}

function isIterator(link: object): link is IterLink {
  return 'chunks' in link
}

/** As it is, also where it is no text; or as a document with its lines. */
export function printOutput(link: Pick<IterLink, 'program' | 'target' | 'chunks' | 'text'>, { json }: Output, io: Io): void {
  if (json) io.out(toJson(outputDocument(link)))
  else for (const chunk of link.chunks()) io.write(chunk)
}

function outputDocument({ program, target, text }: Pick<IterLink, 'program' | 'target' | 'text'>): unknown {
  const lines = text().split('\n')
  // The last line ends with a newline, too.
  if (lines.at(-1) === '') lines.pop()
  return { program, target, lines }
}
