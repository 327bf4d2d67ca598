import { resolve } from 'node:path'
import { AttachType, Errno, isSyscallError, OpenFlag, type OwnedFd, openFile } from '@bpf/sys'
import type { AttachContext } from './context'
import { AttachError } from './errors'
import { clearPlace } from './leftover/noted'
import type { AttachableProgram, Link, LinkLabel } from './link/link'
import { progAttachLink } from './prog-attach'
import { type HookState, queryHook } from './query/hook'
import { attachFirst } from './ways'

/** An infrared receiver. */
export interface LircTarget {
  /** `/dev/lirc0`. */
  readonly device: string
}

/** Attaches a decoder to an infrared receiver (4.18). @throws AttachError */
export function attachLirc(context: AttachContext, program: AttachableProgram, { device }: LircTarget): Link {
  const label = { kind: 'lirc', program: program.name, target: `infrared receiver ${device}` }
  const attach = () => {
    const attachType = AttachType.LircMode2
    const place = { kind: 'lirc', device: resolve(device), attachType } as const
    clearPlace(context, place)
    const hold = openDevice(context, device, label)
    return progAttachLink(context, label, program, { target: { targetFd: hold.fd }, attachType, hold, place })
  }
  return attachFirst(label, [{ interface: 'prog_attach', attach }], {
    explain: ({ errno }) => {
      if (errno === Errno.EEXIST) return { problem: 'it is attached there already' }
      return errno === Errno.EINVAL ? { hint: `${device} may be no infrared receiver that reports raw pulses` } : undefined
    },
  })
}

/** What is attached to an infrared receiver, by anyone. @throws AttachError, SyscallError */
export function queryLirc(context: AttachContext, { device }: LircTarget): HookState {
  using file = openDevice(context, device, { kind: 'lirc', program: '', target: device })
  return queryHook(context.sys, { targetFd: file.fd, attachType: AttachType.LircMode2 })
}

/** @throws AttachError */
function openDevice({ sys, kernel }: AttachContext, device: string, { program, target }: LinkLabel): OwnedFd {
  try {
    return openFile(sys, device, OpenFlag.Rdonly | OpenFlag.Nonblock)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const present = kernel.files.list('/dev').filter(name => name.startsWith('lirc'))
    const hint = present.length === 0 ? 'there is no infrared receiver' : `there is ${present.map(name => `/dev/${name}`).join(', ')}`
    throw new AttachError({ program, target, problem: error.errnoName, hint, cause: error })
  }
}
