import { type LinkSource, openLink } from '@bpf/attach'
import type { Selector } from '@bpf/kernel'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { noMore, takeSelector } from '../selector'

/** `bpf link detach SELECTOR` */
export function runLinkDetach({ positionals, io }: { readonly positionals: readonly string[]; readonly io: Io }): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'link', io)
  noMore(rest)
  return withKernel(context => {
    using link = openLink(context, sourceOf(selector))
    link.detach()
    return ExitCode.Ok
  })
}

/** @throws UsageError */
function sourceOf(selector: Selector): LinkSource {
  if ('id' in selector) return selector
  if ('pinned' in selector) return { path: selector.pinned }
  throw new UsageError('which link?', 'say id N, or pinned PATH')
}
