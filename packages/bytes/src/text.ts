const utf8 = /* @__PURE__ */ new TextDecoder()

/** The bytes up to the first NUL (or all of them) as UTF-8 text; malformed sequences become U+FFFD. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return utf8.decode(end === -1 ? bytes : bytes.subarray(0, end))
}

/** Lower-case hex without separators: `0fa0`. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
