import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { decompressBy } from './decompress'
import { KernelImageError } from './errors'

/** A module and the modules that it needs loaded before it. */
export interface ModuleFile {
  readonly name: string
  /** Not compressed. */
  readonly bytes: Uint8Array
}

/** The modules of one kernel, on disk. */
export interface ModuleDirectory {
  readonly builtIn: ReadonlySet<string>
  /** Path by name. */
  readonly files: ReadonlyMap<string, string>
}

/** File names and the kernel disagree about dashes. */
export function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(?:\.\w+)?$/, '')
    .replaceAll('-', '_')
}

export function readModuleDirectory(directory: string | undefined): ModuleDirectory {
  if (directory === undefined) return { builtIn: new Set(), files: new Map() }
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(path => /\.ko(?:\.\w+)?$/.test(path))
  let builtIn = ''
  try {
    builtIn = readFileSync(join(directory, 'modules.builtin'), 'utf8')
  } catch {
    // Kernels before 2.6.33, and directories that somebody thinned out.
  }
  return {
    builtIn: new Set(builtIn.split('\n').filter(Boolean).map(moduleName)),
    files: new Map(paths.map(path => [moduleName(path), join(directory, path)])),
  }
}

/** What is wanted of the modules that a kernel has, each after what it depends on. Unknown ones are left out. */
export function moduleClosure(wanted: readonly string[], dependsOn: (name: string) => readonly string[] | undefined): readonly string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const needed = dependsOn(name)
    if (needed === undefined) return
    needed.forEach(visit)
    order.push(name)
  }
  wanted.map(moduleName).forEach(visit)
  return order
}

/** Modules with their dependencies, in the order to load them. @throws KernelImageError */
export function readModules({ files }: ModuleDirectory, wanted: readonly string[]): readonly ModuleFile[] {
  const bytes = new Map<string, Uint8Array>()
  const order = moduleClosure(wanted, name => {
    const path = files.get(name)
    if (path === undefined) return undefined
    const contents = decompress(path)
    bytes.set(name, contents)
    return parseDepends(contents)
  })
  return order.flatMap(name => {
    const contents = bytes.get(name)
    return contents === undefined ? [] : [{ name, bytes: contents }]
  })
}

/** Names behind `depends=` of a module's `.modinfo`, so that no depmod is needed. */
function parseDepends(bytes: Uint8Array): readonly string[] {
  const elf = parseElf(bytes)
  const section = sectionByName(elf, '.modinfo')
  const text = section === undefined ? '' : new TextDecoder('latin1').decode(sectionData(elf, section))
  const depends = text.split('\0').find(line => line.startsWith('depends=')) ?? ''
  return depends.slice('depends='.length).split(',').filter(Boolean).map(moduleName)
}

const decompressors: Readonly<Record<string, string>> = { xz: 'xz', zst: 'zstd' }

function decompress(path: string): Uint8Array {
  const suffix = /\.ko\.(\w+)$/.exec(path)?.[1]
  if (suffix === undefined) return readFileSync(path)
  if (suffix === 'gz') return gunzipSync(readFileSync(path), { maxOutputLength: 1 << 28 })
  const command = decompressors[suffix]
  if (command === undefined) throw new KernelImageError(`${path} is compressed in an unknown way`)
  return decompressBy(command, path)
}
