import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { KernelImageError } from '../kernels/errors'
import { type CpioFile, cpioArchive } from './cpio'
import { findCommand } from './find-command'
import { sharedLibraries } from './shared-libraries'
import { writePieces } from './write-pieces'

/** Where things lie in a guest; modules at the root, so that scenarios find them wherever they are. */
const guestPaths = { node: 'harness/node', modules: 'node_modules' } as const

/**
 * The part of an initramfs that is the same for every kernel: Node, its libraries, busybox, koffi, and `commands` of the host.
 * Made once, kept in `cache`, and not compressed: emulated processors take longer to unpack than QEMU to copy.
 */
export function baseArchive(cache: string, commands: readonly string[]): string {
  const executables = [...commands].sort().map(name => ({ name, path: findCommand(name) }))
  const present = executables.flatMap(({ name, path }) => (path === undefined ? [] : [{ name, path }]))
  const busybox = findCommand('busybox')
  if (busybox === undefined) throw new KernelImageError('there is no busybox', { hint: 'apt install busybox-static' })
  const sources = [process.execPath, busybox, koffiDirectory(), ...present.map(({ path }) => path)]
  const archive = join(cache, 'guests', `${fingerprint(sources)}.cpio`)
  if (existsSync(archive)) {
    const now = new Date()
    utimesSync(archive, now, now)
    return archive
  }
  removeUnused(dirname(archive))

  const binaries = [process.execPath, ...present.map(({ path }) => path)]
  const libraries = new Set(binaries.flatMap(sharedLibraries))
  const files: CpioFile[] = [
    { path: guestPaths.node, mode: 0o755, data: readFileSync(process.execPath) },
    { path: 'bin/busybox', mode: 0o755, data: readFileSync(busybox) },
    ...present.map(({ name, path }) => ({ path: `usr/bin/${name}`, mode: 0o755, data: readFileSync(path) })),
    ...[...libraries].map(path => ({ path: path.slice(1), mode: 0o755, data: readFileSync(path) })),
    ...koffiFiles(),
  ]
  mkdirSync(dirname(archive), { recursive: true })
  const unfinished = `${archive}.${process.pid}`
  writePieces(unfinished, cpioArchive(files))
  renameSync(unfinished, archive)
  return archive
}

const aWeek = 7 * 24 * 60 * 60 * 1000

/** Archives of a Node or koffi that was replaced since, a hundred megabytes each. */
function removeUnused(directory: string): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > aWeek) rmSync(path, { force: true })
  }
}

/** Changes with the files that it is of. */
function fingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** koffi is what `@bpf/sys` calls the kernel through: its native part cannot be bundled. */
export function koffiDirectory(): string {
  const sys = createRequire(createRequire(import.meta.url).resolve('@bpf/sys/package.json'))
  return dirname(sys.resolve('koffi'))
}

function koffiFiles(): readonly CpioFile[] {
  const koffi = koffiDirectory()
  const native = dirname(createRequire(join(koffi, 'index.js')).resolve(`@koromix/koffi-${process.platform}-${process.arch}`))
  const notNeeded = /^(?:doc|vendor)\/|\.(?:md|cc|cpp|hh|h|S|asm)$|^musl_/
  const copy = (directory: string, to: string) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter(file => !notNeeded.test(file) && statSync(join(directory, file)).isFile())
      .map(file => ({ path: join(guestPaths.modules, to, file), data: readFileSync(join(directory, file)) }))
  return [...copy(koffi, 'koffi'), ...copy(native, join('@koromix', relative(dirname(native), native)))]
}
