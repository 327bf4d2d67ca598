import { LinkError } from '../errors'
import type { Link, LinkLabel } from './link'

/**
 * Makes one link of several, a CPU or a function each. When making one fails, those before are detached. A single one is
 * returned as it is. `attach` may find that what it is for is gone: undefined.
 */
export function linkGroup<T>(label: LinkLabel, items: readonly T[], attach: (item: T) => Link | undefined): Link {
  const links: Link[] = []
  try {
    for (const item of items) {
      const link = attach(item)
      if (link !== undefined) links.push(link)
    }
  } catch (error) {
    try {
      forEach(links, link => link.close())
    } catch {
      // What failed first is the cause.
    }
    throw error
  }
  const [only, second] = links
  if (only === undefined) throw new LinkError(label, 'would consist of no attachment at all')
  return second === undefined ? only : group(label, links, only)
}

function group(label: LinkLabel, links: readonly Link[], first: Link): Link {
  const close = () => forEach(links, link => link.close())
  return {
    kind: label.kind,
    target: label.target,
    interface: first.interface,
    id: undefined,
    get program() {
      return first.program
    },
    get closed() {
      return links.every(link => link.closed)
    },
    info: () => undefined,
    update(program, options) {
      for (const link of links) link.update(program, options)
    },
    pin() {
      throw new LinkError(label, `cannot be pinned: it is a group of ${links.length}`)
    },
    unpin() {},
    detach: () => forEach(links, link => link.detach()),
    close,
    [Symbol.dispose]: close,
  }
}

/** Goes on to the last, though one should fail; the first failure is thrown then. */
function forEach(links: readonly Link[], action: (link: Link) => void): void {
  let failure: { readonly error: unknown } | undefined
  for (const link of links) {
    try {
      action(link)
    } catch (error) {
      failure ??= { error }
    }
  }
  if (failure) throw failure.error
}
