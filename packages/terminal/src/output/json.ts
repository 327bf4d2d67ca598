/** JSON as the command prints it: 64-bit integers as decimal strings, bytes as hex. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    v instanceof Uint8Array ? Buffer.from(v).toString('hex') : typeof v === 'bigint' ? v.toString() : v,
  )
}
