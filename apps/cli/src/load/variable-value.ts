/**
 * The value in `--set VAR=VALUE`: `42`, `-1`, `0x1f`, `true`, JSON for arrays and structs; anything else is text, which
 * also names enumerators. Integers become bigint where a number would lose digits.
 */
export function parseVariableValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?(?:\d+|0x[0-9a-f]+)$/i.test(text)) return parseInteger(text)
  if (/^[[{"]/.test(text)) return JSON.parse(text)
  return text
}

function parseInteger(text: string): number | bigint {
  const magnitude = BigInt(text.replace(/^-/, ''))
  const value = text.startsWith('-') ? -magnitude : magnitude
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
