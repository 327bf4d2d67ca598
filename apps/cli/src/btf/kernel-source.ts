import type { Btf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { readLoadedBtf } from '@bpf/kernel'
import { getMapInfo, getProgInfo, type MapInfo } from '@bpf/sys'
import { type Io, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { noMore, openOne, takeSelector } from '../selector'
import type { BtfSource } from './source'

type Reader = (operands: readonly string[], io: Io) => (context: KernelContext) => BtfSource

/** Checks the words, and says how to read what they name. */
const readers = {
  id([value = '', ...rest]) {
    noMore(rest)
    if (!/^\d+$/.test(value)) throw new UsageError(`id ${value}: an id is a number`)
    return context => {
      openOne(context, 'btf', { id: Number(value) }).close()
      return { btf: loadedBtf(context, Number(value)) }
    }
  },
  prog(operands, io) {
    const { selector, rest } = takeSelector(operands, 'prog', io)
    noMore(rest)
    return context => {
      using program = openOne(context, 'prog', selector)
      const { id, btfId } = getProgInfo(context.sys, program.fd)
      return { btf: loadedBtf(context, presentId(btfId, `program ${id}`)) }
    }
  },
  map(operands, io) {
    const { selector, rest } = takeSelector(operands, 'map', io)
    const [word = 'kv', ...more] = rest
    noMore(more)
    const typesOf = mapParts.get(word)
    if (typesOf === undefined) throw new UsageError(`${word}: what of the map?`, `say ${[...mapParts.keys()].join(', ')}`)
    return context => {
      using map = openOne(context, 'map', selector)
      const info = getMapInfo(context.sys, map.fd)
      const btf = loadedBtf(context, presentId(info.btfId, `map ${info.id}`))
      // Void is no type to dump: the key of an object's variables, say.
      const chosen = typesOf(info)?.filter(id => id !== 0)
      return { btf, ...(chosen && { chosen }) }
    }
  },
} as const satisfies Readonly<Record<string, Reader>>

type TypesOfMap = (info: MapInfo) => readonly number[] | undefined

const mapParts: ReadonlyMap<string, TypesOfMap> = new Map<string, TypesOfMap>([
  ['key', ({ btfKeyTypeId }) => [btfKeyTypeId]],
  ['value', ({ btfValueTypeId }) => [btfValueTypeId]],
  ['kv', ({ btfKeyTypeId, btfValueTypeId }) => [btfKeyTypeId, btfValueTypeId]],
  ['all', () => undefined],
])

/** `id N`, `prog SELECTOR`, `map SELECTOR [key|value|kv|all]`. @throws UsageError, BpfError, SyscallError */
export function readKernelSource(source: keyof typeof readers, operands: readonly string[], io: Io): Promise<BtfSource> {
  return withKernel(readers[source](operands, io))
}

function loadedBtf({ sys, kernel }: KernelContext, id: number): Btf {
  return readLoadedBtf(sys, id, () => kernel.vmlinuxBtf())
}

function presentId(id: number, owner: string): number {
  if (id === 0) throw new BpfError('ERR_BPF_NOT_FOUND', `${owner} has no BTF`, { hint: 'bpf btf list shows who has' })
  return id
}
