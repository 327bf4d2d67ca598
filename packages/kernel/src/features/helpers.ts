import { assemble, call, exit } from './code'
import { type ProbeContext, tryProgram, type Verdict } from './probe'
import { loadOptionsOf } from './program-types'

/** The number of the last helper: the list is closed, new functions are kfuncs. */
export const lastHelper = 211

/** trace_printk, probe_write_user, trace_vprintk: loading a program that calls one makes the kernel log a warning. */
export const noisyHelpers: readonly number[] = [6, 36, 177]

const refusals = ['invalid func ', 'unknown func ', 'program of this type cannot use helper ']

/**
 * Whether programs of a type may call a helper. The call has no proper arguments: the verifier asks whether the helper is
 * there before it asks what it is given.
 */
export function probeHelper(context: ProbeContext, type: number, helper: number): Verdict {
  const options = loadOptionsOf(context, type)
  if (options === undefined) return undefined
  const { errno, log } = tryProgram(context.sys, { type, insns: assemble([call(helper), exit]), ...options, wantLog: true })
  if (errno === 0) return true
  if (refusals.some(text => log.includes(text))) return false
  // Without a word from the verifier it did not get that far.
  return log === '' ? undefined : true
}
