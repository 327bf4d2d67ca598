import { getProgram, type ObjectSpec, plan, readObject } from '@bpf/object'
import type { Io, OptionValues } from '@bpf/terminal'
import { ExitCode, toJson, UsageError } from '@bpf/terminal'
import { readNaming, readObjectFile } from '../object-file'
import { readTarget, type TargetOptions } from '../target'
import { dotOf, svgOf } from './graph'
import { compiledListings, type Listing, linkedListing } from './listing'
import { listingDocument, printListing } from './print'

export type DisasmOptions = TargetOptions &
  OptionValues<{
    linked: { type: 'boolean'; description: string }
    opcodes: { type: 'boolean'; description: string }
    cfg: { type: 'boolean'; description: string }
    svg: { type: 'boolean'; description: string }
    json: { type: 'boolean'; description: string }
  }>

export interface DisasmInvocation {
  readonly positionals: readonly string[]
  readonly options: DisasmOptions
  readonly io: Io
}

export async function runDisasm({ positionals: [path, name], options, io }: DisasmInvocation): Promise<number> {
  const formats = (['cfg', 'svg', 'json'] as const).filter(format => options[format])
  if (formats.length > 1) throw new UsageError(`${formats.map(format => `--${format}`).join(' and ')} exclude each other`)
  const file = readObjectFile(path, io)
  const spec = readNaming(file, bytes => readObject(bytes, { name: file.name }))
  const listings = options.linked ? linkedListings(spec, name, options, io) : compiledListings(spec, name)
  if (options.json) io.out(toJson({ object: file.name, linked: options.linked, code: listings.map(listing => listingDocument(listing)) }))
  else if (options.cfg) io.out(dotOf(only(listings, '--cfg')))
  else if (options.svg) io.out(svgOf(only(listings, '--svg')))
  else {
    for (const [i, listing] of listings.entries()) {
      if (i > 0) io.out('')
      printListing(listing, options, io)
    }
  }
  return ExitCode.Ok
}

/** Programs for a kernel; those that cannot be planned for it are errors if asked for, and warnings if not. */
function linkedListings(spec: ObjectSpec, name: string | undefined, options: TargetOptions, io: Io): Listing[] {
  if (name !== undefined) getProgram(spec, name)
  const programs = name === undefined ? undefined : [name]
  const { programs: planned } = plan(spec, readTarget(options, spec, io), { keepGoing: name === undefined, programs })
  return planned.flatMap(program => {
    if (program.error === undefined) return [linkedListing(program, spec.littleEndian)]
    io.note(io.style('yellow', `warning: ${program.error.message}`))
    return []
  })
}

/** One graph fits into a file. */
function only([first, ...more]: readonly Listing[], option: string): Listing {
  if (first === undefined) throw new UsageError(`${option}: there is no code in this object`)
  if (more.length === 0) return first
  const names = [first, ...more].map(listing => listing.name)
  throw new UsageError(`${option}: name the program to draw`, `one of ${names.join(', ')}`)
}
