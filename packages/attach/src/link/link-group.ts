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
    for (const link of links) link.close()
    throw error
  }
  const [only, second] = links
  if (only === undefined) throw new LinkError(label, 'would consist of no attachment at all')
  return second === undefined ? only : group(label, links, only)
}

function group(label: LinkLabel, links: readonly Link[], first: Link): Link {
  const close = () => {
    for (const link of links) link.close()
  }
  return {
    kind: label.kind,
    target: label.target,
    interface: first.interface,
    id: undefined,
    get program() {
      return first.program
    },
    info: () => undefined,
    update(program, options) {
      for (const link of links) link.update(program, options)
    },
    pin() {
      throw new LinkError(label, `cannot be pinned: it is a group of ${links.length}`)
    },
    unpin() {},
    detach() {
      for (const link of links) link.detach()
    },
    close,
    [Symbol.dispose]: close,
  }
}
