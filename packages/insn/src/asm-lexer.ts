import { AsmError, type Position } from './asm-error'

export interface Token extends Position {
  readonly kind: 'name' | 'label' | 'number' | 'direction' | 'operator' | 'end'
  /** As written; a quoted name without its quotes. Empty at the end of a statement. */
  readonly text: string
}

/**
 * What the text is made of, tried in this order at each position. Statements end with a line or with `;`, except that a
 * line which begins with `;` is a comment, as llvm-objdump writes source lines. `<…>` at the end of a statement is a note
 * of the disassembler.
 */
const patterns: readonly { readonly kind: Token['kind'] | 'skip'; readonly pattern: RegExp }[] = [
  { kind: 'skip', pattern: /[^\S\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=^[^\S\n]*);[^\n]*/my },
  { kind: 'skip', pattern: /(?<=\s)<[^<>;#/\n]*>(?=[^\S\n]*(?:$|[;#/]))/my },
  { kind: 'skip', pattern: /#[^\n]*/y },
  { kind: 'end', pattern: /[\n;]/y },
  { kind: 'label', pattern: /"[^"\n]*"/y },
  { kind: 'operator', pattern: /s(?:>>=|\/=|%=|>=|<=|>|<)|<<=|>>=|<<|>>|[-+*/%|&^=!<>]=|[-+*|&^=<>~()[\],:@]/y },
  // A helper may be written with its id, `bpf_map_lookup_elem#1`.
  { kind: 'name', pattern: /bpf_\w+#\d+|[A-Za-z_.$][\w.$]*/y },
  { kind: 'number', pattern: /0[xX][\da-fA-F]+(?!\w)|0[bB][01]+(?!\w)|\d+(?!\w)|'[^'\\\n]'/y },
  { kind: 'direction', pattern: /\d+[bf](?!\w)/y },
]

/** The tokens of a text; each statement is closed by an `end`. @throws AsmError */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  for (let at = 0; at < text.length; ) {
    const { kind, matched } = match(text, at, { line, column: at - lineStart + 1 })
    if (kind !== 'skip') {
      const written = kind === 'end' ? '' : kind === 'label' ? matched.slice(1, -1) : matched
      tokens.push({ kind, text: written, line, column: at - lineStart + 1 })
    }
    for (let newline = matched.indexOf('\n'); newline >= 0; newline = matched.indexOf('\n', newline + 1)) {
      line++
      lineStart = at + newline + 1
    }
    at += matched.length
  }
  tokens.push({ kind: 'end', text: '', line, column: text.length - lineStart + 1 })
  return tokens
}

function match(text: string, at: number, position: Position): { readonly kind: Token['kind'] | 'skip'; readonly matched: string } {
  for (const { kind, pattern } of patterns) {
    pattern.lastIndex = at
    const matched = pattern.exec(text)?.[0]
    if (matched !== undefined) return { kind, matched }
  }
  throw new AsmError(position, `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}`)
}
