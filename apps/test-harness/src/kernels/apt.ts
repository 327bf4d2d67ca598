import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KernelImageError } from './errors'
import type { Mirrors } from './mirror'
import { type AptPackage, parsePackages } from './packages'
import type { KernelRelease } from './releases'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
const archive = 'http://archive.debian.org/debian'

/** An apt of our own for one suite: its lists and state lie in `directory`, the system's are not touched. */
export class SuiteApt {
  readonly #directory: string
  readonly #options: readonly string[]

  constructor(directory: string) {
    this.#directory = directory
    for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(directory, part), { recursive: true })
    const settings = {
      'Dir::Etc::sourcelist': join(directory, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::State::lists': join(directory, 'lists'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': join(directory, 'cache'),
      'APT::Architecture': 'amd64',
      'APT::Architectures': 'amd64',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
      // The directory may be one that only its owner may enter.
      'APT::Sandbox::User': 'root',
    }
    this.#options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  }

  /** Brings the lists up to date; suites that left the mirrors are in the archive. @throws KernelImageError */
  update({ suite, security }: KernelRelease, mirrors: Mirrors): void {
    const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : ''
    const write = (...sources: string[]) =>
      writeFileSync(join(this.#directory, 'sources.list'), sources.map(source => `deb ${signed}${source} main\n`).join(''))
    write(`${mirrors.main} ${suite}`, ...(security ? [`${mirrors.security} ${suite}-security`] : []))
    if (this.#try('apt-get', ['update', '-q']).status === 0) return
    write(`${archive} ${suite}`)
    this.#run('apt-get', ['update', '-q'])
  }

  /** Newest version of a package. @throws KernelImageError */
  show(name: string): AptPackage {
    const [found] = parsePackages(this.#run('apt-cache', ['show', '--no-all-versions', name]))
    if (found === undefined) throw new KernelImageError(`apt knows no package ${name}`)
    return found
  }

  /** Puts .deb files into `directory`; returns their paths. @throws KernelImageError */
  download(names: readonly string[], directory: string): readonly string[] {
    mkdirSync(directory, { recursive: true })
    this.#run('apt-get', ['download', '-q', ...names], directory)
    return readdirSync(directory)
      .filter(file => file.endsWith('.deb'))
      .map(file => join(directory, file))
  }

  #run(command: string, args: readonly string[], cwd?: string): string {
    const { status, stdout, stderr, error } = this.#try(command, args, cwd)
    if (error !== undefined) throw new KernelImageError(`${command} cannot be run: ${error.message}`, { hint: 'kernels come through apt' })
    if (status === 0) return stdout
    const problem = /^E: (.*)$/m.exec(stderr)?.[1] ?? `it ended with ${status}`
    throw new KernelImageError(`${command} ${args.join(' ')}: ${problem}`, { hint: 'is there a way to the Debian mirror?' })
  }

  #try(command: string, args: readonly string[], cwd?: string) {
    return spawnSync(command, [...this.#options, ...args], { encoding: 'utf8', cwd, maxBuffer: 1 << 26 })
  }
}
