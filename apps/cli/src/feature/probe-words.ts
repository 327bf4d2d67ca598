import { UsageError } from '@bpf/terminal'

/** How features are asked for, and told. */
export interface ProbeOptions {
  /** Helpers that make the kernel log a warning when they are tried, too. */
  readonly full: boolean
  /** As a user without capabilities finds them. */
  readonly unprivileged: boolean
  /** As C macros. */
  readonly macros: boolean
  /** In front of their names. */
  readonly prefix: string | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Notes what was said; returns the words that are left. */
type Take = (found: Mutable<ProbeOptions>, words: readonly string[]) => readonly string[]

const keywords: Readonly<Record<string, Take>> = {
  kernel: (_, words) => words,
  full: flag('full'),
  unprivileged: flag('unprivileged'),
  macros: flag('macros'),
  prefix(found, [word, ...words]) {
    if (word === undefined) throw new UsageError('prefix: what follows is missing', 'macros prefix MY_')
    found.prefix = word
    return words
  },
  dev() {
    throw new UsageError('dev: only the kernel can be asked', 'bpf prog load --offload-dev NAME tries whether a device takes a program')
  },
}

export const probeWords: readonly string[] = Object.keys(keywords).filter(word => word !== 'dev')

function flag(name: 'full' | 'unprivileged' | 'macros'): Take {
  return (found, words) => {
    found[name] = true
    return words
  }
}

/** Options, and what bpftool says behind `feature probe`: `kernel full unprivileged macros prefix MY_`. @throws UsageError */
export function parseProbeWords(words: readonly string[], { full, unprivileged, macros, prefix }: ProbeOptions): ProbeOptions {
  const found: Mutable<ProbeOptions> = { full, unprivileged, macros, prefix }
  for (let rest = words; rest.length > 0; ) {
    const [keyword = '', ...others] = rest
    const take = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined
    if (take === undefined) throw new UsageError(`${keyword}: not understood`, `one of ${probeWords.join(', ')}`)
    rest = take(found, others)
  }
  if (found.prefix !== undefined && !found.macros) throw new UsageError('a prefix is for macros', 'add --macros')
  if (found.prefix !== undefined && !/^[A-Za-z_]\w*$/.test(found.prefix)) throw new UsageError(`prefix ${found.prefix}: no name in C`)
  return found
}
