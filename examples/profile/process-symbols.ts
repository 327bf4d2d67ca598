import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { type ElfFunction, listFunctions, parseElf } from '@bpf/elf'

/** A piece of a file in the memory of a process: a line of /proc/PID/maps. */
interface Mapping {
  readonly start: bigint
  readonly end: bigint
  readonly fileOffset: bigint
  readonly file: string
}

/** Names for the addresses of a process, from the symbols of the files that it has mapped. */
export class ProcessSymbols {
  readonly #pid: number
  readonly #mappings: readonly Mapping[]
  readonly #functions = new Map<string, readonly ElfFunction[]>()

  constructor(pid: number) {
    this.#pid = pid
    this.#mappings = readMappings(pid)
  }

  /** `malloc (libc.so.6)`, as much of it as is known. */
  nameOf(address: bigint): string {
    const mapping = this.#mappings.find(({ start, end }) => start <= address && address < end)
    if (mapping === undefined) return `0x${address.toString(16)}`
    const offset = Number(address - mapping.start + mapping.fileOffset)
    const found = this.#functionsOf(mapping.file).find(fn => fn.offset <= offset && offset < fn.offset + Number(fn.size))
    return `${found?.name ?? `+0x${offset.toString(16)}`} (${basename(mapping.file)})`
  }

  #functionsOf(file: string): readonly ElfFunction[] {
    const known = this.#functions.get(file) ?? readFunctions(`/proc/${this.#pid}/root${file}`)
    this.#functions.set(file, known)
    return known
  }
}

/** None if the process is gone. */
function readMappings(pid: number): Mapping[] {
  const line = /^([\da-f]+)-([\da-f]+) ..x. ([\da-f]+) \S+ \d+ +(\/.*)$/gm
  return [...readIfThere(`/proc/${pid}/maps`).toString().matchAll(line)].map(([, start, end, offset, file = '']) => ({
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    fileOffset: BigInt(`0x${offset}`),
    file,
  }))
}

function readFunctions(file: string): readonly ElfFunction[] {
  try {
    return listFunctions(parseElf(readIfThere(file)))
  } catch (error) {
    if (error instanceof BpfError) return []
    throw error
  }
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
