import { UsageError } from './errors'

/** A positive number of at most nine digits. @throws UsageError */
export function parseCount(text: string, option: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${option} ${text}: expected a positive number`)
  return Number(text)
}
