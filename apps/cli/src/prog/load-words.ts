import type { Selector } from '@bpf/kernel'
import { type Io, UsageError } from '@bpf/terminal'
import { takeSelector } from '../selector'

/** A map that is there, to be used in the place of one of the object: by name, or by place among the object's maps. */
export interface MapReuse {
  readonly map: string | number
  readonly selector: Selector
}

/** What is said about loading beside the object and the path. */
export interface LoadWords {
  readonly type: string | undefined
  readonly maps: readonly MapReuse[]
  readonly pinmaps: string | undefined
  readonly autoattach: boolean
  readonly btf: string | undefined
  readonly offloadDev: string | undefined
  readonly xdpmetaDev: string | undefined
}

export interface LoadWordOptions {
  readonly type: string | undefined
  readonly map: readonly string[]
  readonly pinmaps: string | undefined
  readonly autoattach: boolean
  readonly btf: string | undefined
  readonly 'offload-dev': string | undefined
  readonly 'xdpmeta-dev': string | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Words that bpftool takes behind the path; each returns what is left. */
const keywords: Readonly<Record<string, (found: Mutable<LoadWords>, words: readonly string[], io: Io) => readonly string[]>> = {
  type: (found, words) => one('type', words, word => (found.type = word)),
  pinmaps: (found, words) => one('pinmaps', words, word => (found.pinmaps = word)),
  autoattach(found, words) {
    found.autoattach = true
    return words
  },
  kernel_btf: (found, words) => one('kernel_btf', words, word => (found.btf = word)),
  dev: (found, words) => one('dev', words, word => (found.offloadDev = word)),
  offload_dev: (found, words) => one('offload_dev', words, word => (found.offloadDev = word)),
  xdpmeta_dev: (found, words) => one('xdpmeta_dev', words, word => (found.xdpmetaDev = word)),
  map(found, [by, value, ...words], io) {
    const isIndex = by === 'idx'
    if ((by !== 'name' && !isIndex) || value === undefined)
      throw new UsageError('map: which one of the object?', 'map name NAME id N, or map idx 0 id N')
    if (isIndex && !/^\d{1,4}$/.test(value)) throw new UsageError(`map idx ${value}: not a number`)
    const { selector, rest } = takeSelector(words, 'map', io)
    found.maps = [...found.maps, { map: isIndex ? Number(value) : value, selector }]
    return rest
  },
}

function one(keyword: string, [word, ...rest]: readonly string[], take: (word: string) => void): readonly string[] {
  if (word === undefined) throw new UsageError(`${keyword}: what follows is missing`)
  take(word)
  return rest
}

/** Options, and bpftool's words: `type xdp map name counts id 7 pinmaps DIR autoattach`. @throws UsageError */
export function parseLoadWords(words: readonly string[], options: LoadWordOptions, io: Io): LoadWords {
  const found: Mutable<LoadWords> = {
    type: options.type,
    maps: options.map.map(text => parseMapReuse(text, io)),
    pinmaps: options.pinmaps,
    autoattach: options.autoattach,
    btf: options.btf,
    offloadDev: options['offload-dev'],
    xdpmetaDev: options['xdpmeta-dev'],
  }
  for (let rest = words; rest.length > 0; ) {
    const [keyword = '', ...others] = rest
    const take = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined
    if (take === undefined) throw new UsageError(`${keyword}: not understood`, `one of ${Object.keys(keywords).join(', ')}`)
    rest = take(found, others, io)
  }
  return found
}

/** `--map counts=7`, `counts=/sys/fs/bpf/counts`, `counts=other`, and with a keyword in front: `counts=pinned:PATH`. */
function parseMapReuse(text: string, io: Io): MapReuse {
  const [, map, found] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (map === undefined || found === undefined)
    throw new UsageError(`--map ${text}: expected NAME=MAP`, 'counts=id:7, counts=pinned:/sys/fs/bpf/counts')
  const [, keyword, value] = /^(id|name|pinned):(.+)$/.exec(found) ?? []
  const words = keyword === undefined || value === undefined ? [found] : [keyword, value]
  return { map, selector: takeSelector(words, 'map', io).selector }
}
