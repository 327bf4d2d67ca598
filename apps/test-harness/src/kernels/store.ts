import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { SuiteApt } from './apt'
import { KernelImageError } from './errors'
import { bareImage, findKernelFiles, type KernelFiles } from './kernel-files'
import { hostMirrors } from './mirror'
import { kernelPackages } from './packages'
import { type KernelRelease, kernelRelease, kernelReleases } from './releases'

/** Where kernels are kept unless told otherwise. */
export function defaultCache(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bpf-test', 'kernels')
}

/** One line of `kernels list`. */
export interface StoredKernel {
  readonly release: KernelRelease
  /** The package's; undefined while it was not pulled. */
  readonly version: string | undefined
  readonly files: KernelFiles | undefined
}

/** The kernels that were pulled, a directory each: `root/` holds what the packages contain, `version` which they were. */
export class KernelStore {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  list(): readonly StoredKernel[] {
    return kernelReleases.map(release => {
      const version = this.#version(release)
      return { release, version, files: version === undefined ? undefined : findKernelFiles(this.#root(release), release.name) }
    })
  }

  /** Brings a kernel, or a newer version of it, through apt. Returns whether there was anything to bring. @throws KernelImageError */
  pull(release: KernelRelease): boolean {
    const home = join(this.directory, release.name)
    const apt = new SuiteApt(join(home, 'apt'))
    apt.update(release, hostMirrors())
    const names = closureOf(apt, 'linux-image-cloud-amd64')
    const version = apt.show(names[0] ?? '').version
    if (version === this.#version(release)) return false

    const fresh = join(home, 'fresh')
    rmSync(fresh, { recursive: true, force: true })
    for (const deb of apt.download(names, join(fresh, 'debs'))) unpackDeb(deb, join(fresh, 'root'))
    findKernelFiles(join(fresh, 'root'))
    rmSync(this.#root(release), { recursive: true, force: true })
    renameSync(join(fresh, 'root'), this.#root(release))
    writeFileSync(join(home, 'version'), version)
    rmSync(fresh, { recursive: true })
    return true
  }

  /** What `--kernel` names: a release, pulled when it is not there; or a .deb, an unpacked directory, an image. @throws KernelImageError */
  resolve(name: string): KernelFiles {
    const stat = statSync(name, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return findKernelFiles(name)
    if (stat !== undefined) return name.endsWith('.deb') ? this.#fromDeb(name) : bareImage(basename(name), name)
    const release = kernelRelease(name)
    if (this.#version(release) === undefined) this.pull(release)
    return findKernelFiles(this.#root(release), name)
  }

  #fromDeb(path: string): KernelFiles {
    const root = join(this.directory, 'debs', basename(path, '.deb'))
    if (!existsSync(root)) unpackDeb(path, root)
    return findKernelFiles(root)
  }

  #root({ name }: KernelRelease): string {
    return join(this.directory, name, 'root')
  }

  #version({ name }: KernelRelease): string | undefined {
    const path = join(this.directory, name, 'version')
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
}

/** All packages of one kernel, from the package that names the newest one. */
function closureOf(apt: SuiteApt, meta: string): readonly string[] {
  const found = new Set<string>()
  const queue = [...kernelPackages(apt.show(meta))]
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (found.has(name)) continue
    found.add(name)
    queue.push(...kernelPackages(apt.show(name)))
  }
  return [...found]
}

function unpackDeb(deb: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  const { status, stderr, error } = spawnSync('dpkg-deb', ['-x', deb, directory], { encoding: 'utf8' })
  if (status === 0) return
  rmSync(directory, { recursive: true, force: true })
  throw new KernelImageError(`${deb} cannot be unpacked: ${error?.message ?? stderr.trim()}`)
}
