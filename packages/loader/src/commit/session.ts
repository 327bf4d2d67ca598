import type { LoadPlan } from '@bpf/object'
import { type Fd, MapFlag } from '@bpf/sys'
import type { Context } from '../context'
import type { LoadOptions } from '../load-options'

/** What all steps of carrying out one plan share. */
export interface Session {
  readonly context: Context
  readonly plan: LoadPlan
  readonly options: LoadOptions
  /** The uploaded BTF. */
  readonly btfFd: Fd | undefined
  readonly tokenFd: Fd | undefined
}

/** Flags and descriptor that make a command act by the session's token; the flag is the same for all of them. */
export function byToken({ tokenFd }: Pick<Session, 'tokenFd'>, flags: number): { readonly flags: number; readonly tokenFd?: Fd } {
  return tokenFd === undefined ? { flags } : { flags: flags | MapFlag.TokenFd, tokenFd }
}
