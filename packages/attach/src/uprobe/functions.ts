import { nearNames } from '@bpf/bytes'
import { ElfError, type ElfFile, fileOffset, findFunction, listFunctions, parseElf, readMiniDebugInfo } from '@bpf/elf'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { type FunctionPattern, showPattern, splitPattern } from '../glob'
import type { LinkLabel } from '../link/link'
import type { Binary } from './binary'
import { findDebugFile } from './debug-file'

/** Where in a binary. One of `symbol`, `address`, or `offset` alone. */
export interface PlaceInBinary {
  /** A function: `malloc`, `memcpy@GLIBC_2.14`; a glob `str*`, a regular expression, or several. */
  readonly symbol?: FunctionPattern
  /** Bytes from the start of the function; in the file, without `symbol`. */
  readonly offset?: number
  /** Virtual address, as in the binary's own headers and symbols. */
  readonly address?: bigint
}

/** A place in a file where a probe goes. */
export interface ProbePoint {
  /** Bytes into the binary. */
  readonly offset: number
  /** Function, with the offset in it. */
  readonly name: string
}

/** @throws AttachError with near names when there is no such function, or it is ambiguous */
export function findProbePoints(context: AttachContext, label: LinkLabel, binary: Binary, place: PlaceInBinary): readonly ProbePoint[] {
  const { symbol, offset = 0, address } = place
  const refuse = (problem: string, more: { hint?: string | undefined; cause?: unknown } = {}) =>
    new AttachError({ program: label.program, target: label.target, problem, ...more })
  if (symbol === undefined && address === undefined) {
    if (place.offset === undefined) throw refuse('neither a function nor an address is given')
    return [{ offset, name: hex(offset) }]
  }
  try {
    const elf = parseElf(binary.bytes)
    if (symbol !== undefined) return findFunctions(context, elf, binary, symbol, offset, refuse)
    const at = address === undefined ? undefined : fileOffset(elf, address)
    if (at === undefined) throw refuse(`no part of the file is loaded at ${hex(address ?? 0)}`)
    return [{ offset: at + offset, name: hex(address ?? 0) }]
  } catch (error) {
    if (error instanceof ElfError) throw refuse(error.message, { cause: error, hint: error.hint })
    throw error
  }
}

type Refuse = (problem: string, more?: { hint?: string | undefined }) => AttachError

function findFunctions(
  { kernel: { files } }: AttachContext,
  elf: ElfFile,
  { path }: Binary,
  symbol: FunctionPattern,
  offset: number,
  refuse: Refuse,
): readonly ProbePoint[] {
  let searched: { readonly debugFile?: ElfFile | undefined } = {}
  /** Other symbols are in large files, or compressed, and only stripped binaries need them. */
  const search = <T>(find: () => T | undefined): T | undefined => {
    const found = find()
    if (found !== undefined || 'debugFile' in searched) return found
    searched = { debugFile: findDebugFile(files, elf, path) ?? readMiniDebugInfo(elf) }
    return searched.debugFile === undefined ? undefined : find()
  }

  const { names, matches } = splitPattern(symbol)
  const points = new Map<number, ProbePoint>()
  const add = (start: number, name: string) =>
    points.set(start, { offset: start + offset, name: offset === 0 ? name : `${name}+${hex(offset)}` })
  for (const name of names) {
    const found = search(() => findFunction(elf, name, searched))
    if (found === undefined) throw refuse(`there is no function "${name}" in it`, { hint: nearFunctions(elf, name, searched) })
    add(found.offset, name)
  }
  if (matches !== undefined) {
    const found = search(() => nonEmpty(listFunctions(elf, matches, searched))) ?? []
    if (found.length === 0) throw refuse(`no function of it matches ${showPattern(symbol)}`)
    for (const one of found) add(one.offset, one.name)
  }
  return [...points.values()]
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}

function nearFunctions(elf: ElfFile, name: string, options: { readonly debugFile?: ElfFile | undefined }): string | undefined {
  const names = new Set(listFunctions(elf, () => true, options).map(one => one.name))
  const near = nearNames(name.replace(/@.*/, ''), names)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  if (options.debugFile !== undefined) return undefined
  return names.size === 0 ? 'it is stripped, and its symbols are not installed: give an address or an offset' : undefined
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}
