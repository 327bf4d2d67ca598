import { UsageError } from './errors'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** `500ms`, `10s`, `2m`, `1h`, or a plain number of seconds → milliseconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (!match) throw new UsageError(`--${option} ${text}: not a duration`, 'write 500ms, 10s, 2m or 1h')
  return Number(match[1]) * units[(match[2] ?? 's') as keyof typeof units]
}
