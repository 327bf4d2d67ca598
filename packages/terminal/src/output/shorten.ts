import stringWidth from 'fast-string-width'

/** What of a text stays where it has to be shortened: its start, its end (of a path), or whole items of a list. */
export type Keep = 'start' | 'end' | 'items'

const ellipsis = '…'

/** At most `width` columns of a text. Neither numbers nor what a reader takes for one character are cut in two. */
export function shorten(text: string, width: number, keep: Keep): string {
  if (stringWidth(text) <= width) return text
  if (keep === 'items') return shortenList(text, width)
  const pieces = piecesOf(text)
  return keep === 'start' ? keepStart(pieces, width - 1) + ellipsis : ellipsis + keepEnd(pieces, width - 1)
}

/** As many items as fit, and how many more there are: `node 4211, +3`. */
function shortenList(text: string, width: number): string {
  const separator = text.includes(', ') ? ', ' : ','
  const items = text.split(separator)
  for (let count = items.length - 1; count > 0; count--) {
    const line = [...items.slice(0, count), `+${items.length - count}`].join(separator)
    if (stringWidth(line) <= width) return line
  }
  // Of the first, what tells most: the end of a path.
  const [first = ''] = items
  const more = items.length > 1 ? `${separator}+${items.length - 1}` : ''
  const room = width - more.length
  const keep = first.startsWith('/') ? 'end' : 'start'
  return room > 1 ? shorten(first, room, keep) + more : shorten(first, width, keep)
}

/** Colour codes take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with one.
const colourCode = /(\u001b\[[\d;]*m)/

/** Colour codes, and between them what a reader takes for one character each. */
function piecesOf(text: string): readonly string[] {
  const segmenter = new Intl.Segmenter()
  return text.split(colourCode).flatMap(part => (colourCode.test(part) ? [part] : Array.from(segmenter.segment(part), s => s.segment)))
}

function keepStart(pieces: readonly string[], width: number): string {
  let at = 0
  for (let room = width; at < pieces.length; at++) {
    room -= stringWidth(pieces[at] ?? '')
    if (room < 0) break
  }
  const { from } = numberAround(pieces, at)
  return pieces.filter((piece, index) => index < from || colourCode.test(piece)).join('')
}

function keepEnd(pieces: readonly string[], width: number): string {
  let at = pieces.length
  for (let room = width; at > 0; at--) {
    room -= stringWidth(pieces[at - 1] ?? '')
    if (room < 0) break
  }
  const { to } = numberAround(pieces, at)
  return pieces.filter((piece, index) => index >= to || colourCode.test(piece)).join('')
}

/** Decimal, hexadecimal, or a byte of a dump. */
const number = /^-?(?:0x[\da-f]+|[\d.,:]+|[\da-f]{2})$/i

/** Where the number begins and ends that a cut at `at` would go through; there, if it goes through none. */
function numberAround(pieces: readonly string[], at: number): { readonly from: number; readonly to: number } {
  const inWord = (index: number) => /^[\w.,:-]$/.test(pieces[index] ?? '')
  let [from, to] = [at, at]
  while (inWord(from - 1)) from--
  while (inWord(to)) to++
  const isCut = from < at && at < to && number.test(pieces.slice(from, to).join(''))
  return isCut ? { from, to } : { from: at, to: at }
}
