import { BtfLoadError, btfLoad, Errno, isSyscallError, LogLevel, type OwnedFd } from '@bpf/sys'
import { refusal } from '../refusal'
import { byToken, type Session } from './session'

/** What became of an object's BTF. */
export interface UploadedBtf extends Disposable {
  /** Undefined where there is none. */
  readonly fd: OwnedFd | undefined
  /** The kernel refused it, and the object goes without: why. */
  readonly warning: string | undefined
}

/**
 * Uploads the plan's BTF. Without BTF most objects work as well; the kernel then knows neither types of maps nor source lines.
 * @throws LoadError if the object needs it
 */
export function uploadBtf(session: Omit<Session, 'btfFd'>): UploadedBtf {
  const { context, plan } = session
  if (plan.btf === undefined) return uploaded(undefined)
  const btf = { btf: plan.btf, ...byToken(session, 0) }
  try {
    return uploaded(btfLoad(context.sys, btf).fd)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    // Whoever may not upload BTF may load no programs either, which says more.
    const words = error.errno === Errno.EPERM ? undefined : wordsOfKernel(session, btf)
    if (plan.btfRequired) {
      const hint = words === undefined ? undefined : `the kernel says: ${words}`
      throw refusal(context.sys, { stage: 'btf', subject: plan.name, action: 'be loaded', error, hint })
    }
    return uploaded(undefined, words === undefined ? undefined : `the kernel refuses the object's types, so it goes without: ${words}`)
  }
}

function uploaded(fd: OwnedFd | undefined, warning?: string): UploadedBtf {
  return { fd, warning, [Symbol.dispose]: () => fd?.close() }
}

/** Bytes; kernels before 5.3 take no more. It has a line a type, up to the one that is wrong. */
const logSize = (1 << 24) - 1

/** The kernel names the type that it objects to when it is asked once more with room for an answer. */
function wordsOfKernel({ context: { sys } }: Omit<Session, 'btfFd'>, btf: Parameters<typeof btfLoad>[1]): string {
  try {
    btfLoad(sys, { ...btf, log: { buffer: new Uint8Array(logSize), level: LogLevel.Basic } }).fd.close()
    return 'it took them at a second attempt'
  } catch (error) {
    if (!(error instanceof BtfLoadError)) throw error
    const lines = error.log.split('\n').filter(line => line.trim() !== '')
    return lines.at(-1)?.trim() ?? error.errnoName
  }
}
