import { UsageError } from '@bpf/terminal'

/**
 * The commands of a file, a line each, as words: `#` starts a comment, a backslash at the end of a line goes on in the next,
 * quotes keep blanks together. A leading `bpf` or `bpftool` is left out.
 *
 * @throws UsageError for a quote that does not end
 */
export function parseBatch(text: string): string[][] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line, i) => wordsOf(line, i + 1))
    .filter(words => words.length > 0)
}

function wordsOf(line: string, number: number): string[] {
  const words = [...line.matchAll(/#.*|(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)].map(([word]) => word)
  const comment = words.findIndex(word => word.startsWith('#'))
  const shown = (comment === -1 ? words : words.slice(0, comment)).filter((word, i) => i > 0 || !/^bpf(?:tool)?$/.test(word))
  if (shown.some(word => word === '"' || word === "'")) throw new UsageError(`line ${number}: a quote does not end`)
  return shown.map(word => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}
