import { basename, join, resolve } from 'node:path'
import { BpfError, nearNames } from '@bpf/bytes'
import type { Files } from '@bpf/kernel'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { LinkLabel } from '../link/link'
import { libraryFlags, parseLdCache } from './ld-cache'
import { parseProcMaps } from './proc-maps'
import { contentsOf, readZip } from './zip'

/** An executable or a shared library to be probed. */
export interface Binary {
  /** As the kernel is told. */
  readonly path: string
  readonly bytes: Uint8Array
  /** Where it begins in the file at `path`: 0, unless that is an archive. */
  readonly start: number
}

const libraryDirectories = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'] as const

/**
 * Finds what a name stands for: a path; a library that process `pid` has loaded, or that the dynamic linker knows (`libc`,
 * `libssl.so.3`, `c`); a program in PATH (`bash`); a library that is stored in an archive (`/data/app/base.apk!/lib/arm64/libapp.so`).
 * With `pid`, paths are seen as that process sees them.
 *
 * @throws AttachError with near names
 */
export function findBinary(context: AttachContext, label: LinkLabel, name: string, pid?: number): Binary {
  const [archive, member] = name.split('!/', 2)
  if (archive === undefined || member === undefined) return findFile(context, label, name, pid)
  return findInArchive(findFile(context, label, archive, pid), label, member)
}

function findFile(context: AttachContext, { program, target }: LinkLabel, name: string, pid: number | undefined): Binary {
  const { files } = context.kernel
  const path = name.includes('/') ? inProcess(resolve(name), pid) : findByName(context, name, pid)
  const bytes = path === undefined ? undefined : files.bytes(path)
  if (path !== undefined && bytes !== undefined) return { path, bytes, start: 0 }
  const problem = path === undefined ? `there is no library or program "${name}"` : `${path} cannot be read`
  throw new AttachError({ program, target, problem, hint: hintFor(context, name, pid) })
}

/** Android maps libraries from the archive of their application. */
function findInArchive({ path, bytes }: Binary, { program, target }: LinkLabel, name: string): Binary {
  const refuse = (problem: string, hint?: string, cause?: unknown) => new AttachError({ program, target, problem, hint, cause })
  try {
    const members = readZip(bytes)
    const member = members.find(candidate => candidate.name === name)
    if (member === undefined) {
      const near = nearNames(name, new Set(members.map(candidate => candidate.name)))
      throw refuse(`${path} has no member "${name}"`, near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`)
    }
    if (!member.stored) throw refuse(`"${name}" is compressed in ${path}`, 'only what is stored as it is can be mapped, and probed')
    const start = contentsOf(bytes, member)
    return { path, bytes: bytes.subarray(start, start + member.size), start }
  } catch (error) {
    if (error instanceof AttachError || !(error instanceof BpfError)) throw error
    throw refuse(`${path}: ${error.message}`, undefined, error)
  }
}

/** Containers have file systems of their own. */
function inProcess(path: string, pid: number | undefined): string {
  return pid === undefined || pid === process.pid || path.startsWith('/proc/') ? path : `/proc/${pid}/root${path}`
}

function findByName(context: AttachContext, name: string, pid: number | undefined): string | undefined {
  const { files } = context.kernel
  const loaded = pid === undefined ? undefined : findLoaded(files, name, pid)
  if (loaded !== undefined) return loaded
  const isLibrary = name.startsWith('lib') || name.includes('.so')
  const library = () => findLibrary(context, name)
  const found = isLibrary ? (library() ?? findProgram(files, name)) : (findProgram(files, name) ?? library())
  return found && inProcess(found, pid)
}

/** The file that a running process has mapped, also when it was replaced on disk since. */
function findLoaded(files: Files, name: string, pid: number): string | undefined {
  const mappings = parseProcMaps(files.text(`/proc/${pid}/maps`) ?? '').filter(({ executable }) => executable)
  const found = mappings.find(({ path }) => answersTo(basename(path), name))
  if (found === undefined) return undefined
  return found.deleted ? `/proc/${pid}/map_files/${found.range}` : inProcess(found.path, pid)
}

function findProgram(files: Files, name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '/usr/bin:/bin').split(':')
  const directory = directories.find(candidate => files.list(candidate).includes(name))
  return directory === undefined ? undefined : join(directory, name)
}

function findLibrary({ kernel: { files }, sys }: AttachContext, name: string): string | undefined {
  const flags = libraryFlags[sys.native.arch.name]
  const cached = parseLdCache(files.bytes('/etc/ld.so.cache') ?? new Uint8Array()).filter(library => library.flags === flags)
  const known = cached.find(library => library.name === name) ?? cached.find(library => answersTo(library.name, name))
  if (known !== undefined) return known.path
  for (const directory of libraryDirectories) {
    const file = files.list(directory).find(candidate => answersTo(candidate, name))
    if (file !== undefined) return join(directory, file)
  }
  return undefined
}

/** Whether a file is what a name means: `libc.so.6` answers to itself, `libc.so`, `libc` and `c`. */
function answersTo(file: string, name: string): boolean {
  if (file === name) return true
  return [`${name}.`, `${name}.so`, `lib${name}.so`].some(start => file.startsWith(start)) && /\.so(\.|$)/.test(file)
}

function hintFor(context: AttachContext, name: string, pid: number | undefined): string | undefined {
  const { files } = context.kernel
  if (pid !== undefined && files.text(`/proc/${pid}/maps`) === undefined) return `there is no process ${pid}`
  if (name.includes('/')) {
    const path = resolve(name)
    const near = nearNames(basename(path), files.list(join(path, '..')))
    return near.length === 0 ? undefined : `did you mean ${near.map(file => join(path, '..', file)).join(' or ')}?`
  }
  const cached = parseLdCache(files.bytes('/etc/ld.so.cache') ?? new Uint8Array()).map(library => library.name)
  const programs = (process.env['PATH'] ?? '').split(':').flatMap(directory => files.list(directory))
  const near = nearNames(name, new Set([...cached.map(file => file.replace(/\.so.*/, '')), ...programs]))
  return near.length === 0 ? 'give its path' : `did you mean ${near.join(' or ')}?`
}
