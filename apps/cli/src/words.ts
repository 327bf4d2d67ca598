import { UsageError } from '@bpf/terminal'

/**
 * Takes apart what bpftool writes as words with a value each, `repeat 10 data_in FILE`: each word is told its value.
 *
 * @throws UsageError for a word that is not known, or that nothing follows
 */
export function takePairs(words: readonly string[], takers: Readonly<Record<string, (value: string) => void>>): void {
  for (let at = 0; at < words.length; at += 2) {
    const [word = '', value] = words.slice(at, at + 2)
    const take = Object.hasOwn(takers, word) ? takers[word] : undefined
    if (take === undefined) throw new UsageError(`${word}: not understood`, `one of ${Object.keys(takers).join(', ')}`)
    if (value === undefined) throw new UsageError(`${word}: what follows is missing`)
    take(value)
  }
}
