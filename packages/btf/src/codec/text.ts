/**
 * UTF-8 text that loses nothing: a byte that is not UTF-8 becomes the lone surrogate U+DC00 plus the byte, and back (as Python
 * does for file names). The kernel cuts names anywhere, and a map key must be found again by what it was read as. Where such text
 * is printed, the surrogate becomes U+FFFD.
 */

const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = /* @__PURE__ */ new TextEncoder()
const escapedByte = /[\u{dc80}-\u{dcff}]/u

export function decodeText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes)
  return text.includes('\ufffd') ? decodeBytewise(bytes) : text
}

function decodeBytewise(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    text += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : decoder.decode(bytes.subarray(at, at + length))
    at += Math.max(length, 1)
  }
  return text
}

/** Bytes of the UTF-8 sequence at `at`, 0 if there is none: the table of well-formed sequences in the Unicode Standard, 3.9. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  const least = { 224: 0xa0, 240: 0x90 }[first] ?? 0x80
  const most = { 237: 0x9f, 244: 0x8f }[first] ?? 0xbf
  const second = bytes[at + 1] ?? 0
  if (length === 0 || second < least || second > most) return 0
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

export function encodeText(text: string): Uint8Array {
  if (!escapedByte.test(text)) return encoder.encode(text)
  const bytes: number[] = []
  for (const character of text) {
    if (escapedByte.test(character)) bytes.push(character.charCodeAt(0) - 0xdc00)
    else bytes.push(...encoder.encode(character))
  }
  return Uint8Array.from(bytes)
}

/** Writes text at an offset, at most `room` bytes; whether all of it had room. Short ASCII does without the slower text encoder. */
export function writeText(text: string, view: DataView, at: number, room: number): boolean {
  if (text.length <= 64 && text.length <= room) {
    let i = 0
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) break
      view.setUint8(at + i, code)
    }
    if (i === text.length) return true
  }
  return encodeTextInto(text, new Uint8Array(view.buffer, view.byteOffset + at, room))
}

function encodeTextInto(text: string, target: Uint8Array): boolean {
  if (!escapedByte.test(text)) return encoder.encodeInto(text, target).read === text.length
  const bytes = encodeText(text)
  if (bytes.length > target.length) return false
  target.set(bytes)
  return true
}

/** Text as others see it: without the escaped bytes. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')
