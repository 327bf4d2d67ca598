import { tryCall } from './call'
import type { Sys } from './sys'

const SIG_SETMASK = 2
const everySignal = BigUint64Array.of(0xffff_ffff_ffff_ffffn)

/** Runs `action` while signals to this thread wait, which they may for as long as a system call takes. */
export function withoutSignals<T>(sys: Sys, action: () => T): T {
  const before = new BigUint64Array(1)
  const blocked = tryCall(sys, 'rt_sigprocmask', [SIG_SETMASK, everySignal, before, before.byteLength], { mask: everySignal })
  try {
    return action()
  } finally {
    if (blocked.errno === 0) tryCall(sys, 'rt_sigprocmask', [SIG_SETMASK, before, null, before.byteLength], { mask: before })
  }
}
