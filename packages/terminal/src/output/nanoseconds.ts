const units = [
  [1_000, 1, 'ns'],
  [1_000_000, 1_000, 'µs'],
  [1_000_000_000, 1_000_000, 'ms'],
  [60_000_000_000, 1_000_000_000, 's'],
] as const

/** `684.96 µs`, `2.01 s`; from a minute on, as times since boot are, `1:26:27.071`. */
export function formatNanoseconds(value: number | bigint): string {
  const nanoseconds = Number(value)
  const unit = units.find(([below]) => nanoseconds < below)
  if (unit === undefined) return clock(nanoseconds / 1e9)
  const [, size, name] = unit
  const amount = nanoseconds / size
  return `${amount >= 100 || size === 1 ? amount.toFixed(0) : amount.toPrecision(3)} ${name}`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [hours, minutes, rest] = parts.map(part => String(part).padStart(2, '0'))
  const milliseconds = Math.floor((seconds - whole) * 1000)
  return `${Number(hours)}:${minutes}:${rest}.${String(milliseconds).padStart(3, '0')}`
}
