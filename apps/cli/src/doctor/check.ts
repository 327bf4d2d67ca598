/** `problem`: loading does not work until it is solved; `warning`: some programs do not, or not well; `info`: good to know. */
export type CheckStatus = 'ok' | 'info' | 'warning' | 'problem'

/** One line of the report. */
export interface Check {
  readonly name: string
  readonly status: CheckStatus
  /** What was found. */
  readonly found: string
  /** What to do about it; null when there is nothing to be done. */
  readonly remedy: string | null
}

export interface CheckGroup {
  readonly title: string
  readonly checks: readonly Check[]
}

export function check(name: string, status: CheckStatus, found: string, remedy: string | null = null): Check {
  return { name, status, found, remedy }
}

export function isReady(groups: readonly CheckGroup[]): boolean {
  return groups.every(({ checks }) => checks.every(({ status }) => status !== 'problem'))
}
