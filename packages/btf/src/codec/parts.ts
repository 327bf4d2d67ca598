import { equals } from './equals'
import { extentOf } from './extent'
import { interpretReader } from './interpret'
import type { Field, RecordShape } from './shape'
import type { Writers } from './write'

type Fields = Readonly<Record<string, unknown>>

/** Writes those fields of an object that belong to one member: the field of its name, or the fields of an anonymous struct or union. */
interface Part {
  readonly names: readonly string[]
  /** @returns how many of the object's keys it took. */
  write(value: Fields, view: DataView, at: number): number
}

/** A part that can also be written alone, and tell whether bytes already hold what the object says. */
interface UnionPart extends Part {
  /** Bytes from the start of the union to the end of the member. */
  extent(value: Fields): number
  agrees(value: Fields, view: DataView, at: number): boolean
}

/** What writes the fields of a struct or union. Fields that are not given stay zero. */
export function recordParts(shape: RecordShape, writers: Writers): Part {
  const names = shape.fields.map(field => field.name)
  if (shape.union) {
    const parts = shape.members.map(member => unionPart(member, writers))
    return { names, write: unionWriter(names, parts, writers) }
  }
  const parts = shape.members.map(member => memberPart(member, writers))
  return {
    names,
    write(value, view, at) {
      let used = 0
      for (const part of parts) used += part.write(value, view, at)
      return used
    },
  }
}

function memberPart({ name, offset, shape }: Field, writers: Writers): Part {
  if (name === '' && shape.kind === 'record') {
    const inner = recordParts(shape, writers)
    return { names: inner.names, write: (value, view, at) => inner.write(value, view, at + offset) }
  }
  const write = writers.writer(shape)
  const { path } = writers
  const inherited = name in Object.prototype
  return {
    names: [name],
    write(value, view, at) {
      if (inherited && !Object.hasOwn(value, name)) return 0
      const field = value[name]
      if (field === undefined) return Number(Object.hasOwn(value, name))
      path.push(name)
      write(field, view, at + offset)
      path.pop()
      return 1
    },
  }
}

/**
 * One member given is written. Several (as decoding gives them) must say the same: each is tried, and the bits of all together,
 * until all can be read back. If that never is, somebody changed one member and left the others.
 */
function unionWriter(names: readonly string[], parts: readonly UnionPart[], { path }: Writers): Part['write'] {
  return (value, view, at) => {
    const given = parts.filter(part => part.names.some(name => isGiven(value, name)))
    if (given.length === 1) given[0]?.write(value, view, at)
    else if (given.length > 1 && !writeAgreeing(given, value, view, at)) {
      const members = given.map(part => part.names.find(name => isGiven(value, name)))
      path.fail(`union members ${members.join(', ')} say different things`, 'give only the one that is meant')
    }
    return names.filter(name => Object.hasOwn(value, name)).length
  }
}

function writeAgreeing(parts: readonly UnionPart[], value: Fields, view: DataView, at: number): boolean {
  const extent = parts.reduce((most, part) => Math.max(most, part.extent(value)), 0)
  const target = new Uint8Array(view.buffer, view.byteOffset + at, extent)
  const succeeds = (write: () => void): boolean => {
    target.fill(0)
    write()
    return parts.every(part => part.agrees(value, view, at))
  }
  return parts.some(part => succeeds(() => part.write(value, view, at))) || succeeds(() => target.set(merge(parts, value, extent)))
}

/** The bits set in any member's bytes. */
function merge(parts: readonly UnionPart[], value: Fields, extent: number): Uint8Array {
  const all = parts.map(part => bytesOf(part, value))
  return Uint8Array.from({ length: extent }, (_, index) => all.reduce((bits, bytes) => bits | (bytes[index] ?? 0), 0))
}

/** What the part writes, alone. */
function bytesOf(part: UnionPart, value: Fields): Uint8Array {
  const bytes = new Uint8Array(part.extent(value))
  part.write(value, new DataView(bytes.buffer), 0)
  return bytes
}

function unionPart(member: Field, writers: Writers): UnionPart {
  const { name, offset, shape } = member
  const part = memberPart(member, writers)
  const read = interpretReader(shape, writers.littleEndian)
  const same = (a: unknown, b: unknown, value: Fields): boolean =>
    name !== '' ? equals(a, b) : part.names.every(field => !isGiven(value, field) || equals((a as Fields)[field], (b as Fields)[field]))
  const stated = (value: Fields): unknown => (name === '' ? value : value[name])
  const united: UnionPart = {
    ...part,
    extent: value => offset + extentOf(shape, stated(value)),
    agrees(value, view, at) {
      const end = united.extent(value)
      const there = read(view, at + offset, at + end)
      if (same(there, stated(value), value)) return true
      return same(there, read(new DataView(bytesOf(united, value).buffer), offset, end), value)
    },
  }
  return united
}

const isGiven = (value: Fields, name: string): boolean =>
  value[name] !== undefined && (!(name in Object.prototype) || Object.hasOwn(value, name))
