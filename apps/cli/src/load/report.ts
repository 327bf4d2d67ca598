import type { Link } from '@bpf/attach'
import { type BpfError, nameOf } from '@bpf/bytes'
import type { CreatedMap, LoadedProgram } from '@bpf/loader'
import type { ObjectSpec } from '@bpf/object'
import { infoLayouts, MapType, objGetInfo, ProgType, type Sys, snakeCase } from '@bpf/sys'
import { countOf, type Io, roomOf, wrapLine } from '@bpf/terminal'

/** One line a step, on stderr: what was read, created, loaded and attached. */
export interface Reporter {
  object(path: string, spec: ObjectSpec): void
  map(sys: Sys, map: CreatedMap): void
  warning(message: string): void
  program(program: LoadedProgram): void
  failed(program: string, message: string): void
  link(link: Link): void
  skipped(program: string, reason: string): void
  /** The hook is not there, or refused. */
  unattached(program: string, error: BpfError): void
}

/** Where the text of a line begins: behind the mark and the step. */
const textColumn = 11

export function createReporter(io: Io): Reporter {
  const line = (mark: string, step: string, text: string) => {
    for (const part of wrapLine(`${mark} ${io.style('bold', step.padEnd(8))} ${text}`, roomOf(io), textColumn)) io.note(part)
  }
  const done = io.style('green', '✓')
  const dim = (text: string) => io.style('dim', text)
  return {
    object: (path, spec) => line(done, 'object', `${path}  ${dim(summary(spec))}`),
    map: (sys, { plan, fd, created }) => {
      const id = objGetInfo(sys, fd.fd, infoLayouts.mapInfo, {}).id
      line(done, 'map', `${plan.name.padEnd(20)} ${dim(`${describeMap(plan)}  id ${id}${created ? '' : '  (was there already)'}`)}`)
    },
    warning: message => line(io.style('yellow', '!'), 'warning', message),
    program: program => {
      const { id, tag, xlatedBytes } = program.info()
      const detail = `${typeName(ProgType, program.type)}  tag ${tag}  ${xlatedBytes / 8} insns  id ${id}`
      line(done, 'program', `${program.name.padEnd(20)} ${dim(detail)}`)
    },
    failed: (program, message) => line(io.style('yellow', '!'), 'program', `${program.padEnd(20)} ${message}`),
    link: link => {
      const detail = `${link.interface}${link.id === undefined ? '' : `  id ${link.id}`}`
      line(done, 'link', `${link.program.padEnd(20)} → ${link.kind} ${link.target}  ${dim(detail)}`)
    },
    skipped: (program, reason) => line(io.style('yellow', '-'), 'link', `${program.padEnd(20)} not attached: ${reason}`),
    unattached: (program, error) => {
      line(io.style('red', '✗'), 'link', `${program.padEnd(20)} ${error.message}`)
      if (error.hint) io.note(`${' '.repeat(textColumn + 2)}${io.style('cyan', 'hint:')} ${error.hint}`)
    },
  }
}

function summary(spec: ObjectSpec): string {
  const parts = [spec.license || 'no license', countOf(spec.programs.length, 'program'), countOf(spec.maps.length, 'map')]
  if (spec.version !== 0) parts.push(`version ${formatVersion(spec.version)}`)
  parts.push(spec.btf ? 'BTF' : 'no BTF')
  return parts.join(' · ')
}

function formatVersion(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`
}

export function describeMap(map: {
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
}): string {
  const type = typeName(MapType, map.type)
  if (map.type === MapType.Ringbuf || map.type === MapType.UserRingbuf) return `${type}  ${formatSize(map.maxEntries)}`
  return `${type}  key ${map.keySize} B  value ${map.valueSize} B  max ${map.maxEntries}`
}

function formatSize(bytes: number): string {
  if (bytes >= 1 << 20 && bytes % (1 << 20) === 0) return `${bytes >> 20} MiB`
  return bytes % 1024 === 0 ? `${bytes >> 10} KiB` : `${bytes} B`
}

/** `ringbuf`, `raw_tracepoint`: the kernel's names in lower case. */
export function typeName(table: Readonly<Record<string, number>>, type: number): string {
  const name = nameOf(table, type)
  return name === undefined ? `type ${type}` : snakeCase(name)
}
