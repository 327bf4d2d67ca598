import { BpfError } from '@bpf/bytes'
import { ExitCode } from './exit-code'
import type { Io } from './io'

/** Exit codes by error code; anything else is 1. */
const exitCodes: Readonly<Record<string, number>> = {
  ERR_BPF_USAGE: ExitCode.Usage,
  ERR_BPF_VERIFIER: ExitCode.RejectedByVerifier,
  ERR_BPF_PERMISSION: ExitCode.Unavailable,
  ERR_BPF_UNSUPPORTED: ExitCode.Unavailable,
}

/** Prints an error the way a reader wants it: the cause first, then what lies underneath, then what to do. */
export function reportError(error: unknown, io: Io): number {
  io.note(`${io.style('red', 'error:')} ${messageOf(error)}`)
  let said = messageOf(error)
  for (const cause of isWhole(error) ? [] : causes(error)) {
    // Many errors quote what lies underneath; once is enough.
    if (!said.includes(messageOf(cause))) io.note(`  ${io.style('dim', 'because')} ${messageOf(cause)}`)
    said += messageOf(cause)
  }
  const hints = new Set([error, ...causes(error)].flatMap(e => (e instanceof BpfError && e.hint ? [e.hint] : [])))
  for (const hint of hints) io.note(`  ${io.style('cyan', 'hint:')} ${hint}`)
  if (process.env['BPF_DEBUG'] && error instanceof Error) io.note(String(error.stack))
  return exitCodeOf(error)
}

/** A verifier's rejection says all there is to say: how the system call failed adds nothing. */
function isWhole(error: unknown): boolean {
  return error instanceof BpfError && error.code === 'ERR_BPF_VERIFIER'
}

function exitCodeOf(error: unknown): number {
  for (const e of [error, ...causes(error)]) {
    const code = e instanceof BpfError ? exitCodes[e.code] : undefined
    if (code !== undefined) return code
  }
  return ExitCode.Failed
}

function* causes(error: unknown): Generator<unknown> {
  let cause = error instanceof Error ? error.cause : undefined
  for (let depth = 0; cause !== undefined && depth < 8; depth++) {
    yield cause
    cause = cause instanceof Error ? cause.cause : undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
