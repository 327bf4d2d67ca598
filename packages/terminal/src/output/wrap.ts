import stringWidth from 'fast-string-width'

/**
 * A line, broken between its words if it is wider than `width`; what goes on below is indented by `hang` columns more. Blanks
 * between words stay as they are.
 */
export function wrapLine(line: string, width: number, hang = 2): string[] {
  if (stringWidth(line) <= width) return [line]
  const margin = (/^ */.exec(line)?.[0] ?? '') + ' '.repeat(hang)
  const lines: string[] = []
  for (const piece of line.match(/ *[^ ]+/g) ?? []) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(piece)
    else if (stringWidth(last + piece) <= width) lines[lines.length - 1] = last + piece
    else lines.push(margin + piece.trimStart())
  }
  return lines
}

/** Words that are wider than `width` in pieces that are not, so that nothing of them is lost. */
export function breakLong(words: readonly string[], width: number): readonly string[] {
  return words.flatMap(word => (stringWidth(word) <= width ? [word] : piecesOf(word, width)))
}

function piecesOf(word: string, width: number): readonly string[] {
  const pieces: string[] = []
  for (const character of word) {
    const piece = (pieces.at(-1) ?? '') + character
    if (pieces.length > 0 && stringWidth(piece) <= width) pieces[pieces.length - 1] = piece
    else pieces.push(character)
  }
  return pieces
}

/** Words with a blank between them, in lines of at most `width` columns; a longer word has its own. */
export function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
