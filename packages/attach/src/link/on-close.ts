import type { Link } from './link'

/** A link that runs `after` once it is detached for good: closed while it is not pinned, or detached. */
export function onClose(link: Link, after: () => void): Link {
  let pending = true
  let pinned = false
  const finish = () => {
    if (!pending || pinned) return
    pending = false
    after()
  }
  const close = () => {
    link.close()
    finish()
  }
  return {
    kind: link.kind,
    interface: link.interface,
    target: link.target,
    id: link.id,
    get program() {
      return link.program
    },
    get closed() {
      return link.closed
    },
    info: () => link.info(),
    update: (program, options) => link.update(program, options),
    pin(path) {
      link.pin(path)
      pinned = true
    },
    unpin() {
      link.unpin()
      pinned = false
    },
    detach() {
      link.detach()
      pinned = false
      finish()
    },
    close,
    [Symbol.dispose]: close,
  }
}
