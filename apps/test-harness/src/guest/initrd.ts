import { constants, copyFileSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { KernelFiles } from '../kernels/kernel-files'
import type { ModuleFile } from '../kernels/modules'
import type { Job, ScenarioSource } from '../run/job'
import type { FoundScenario } from '../run/load-scenarios'
import { type CpioFile, cpioArchive } from './cpio'
import { initScript } from './init'
import { writePieces } from './write-pieces'

/** Where a guest finds files of the host. */
const hostFiles = '/host'

export interface InitrdOptions {
  /** What is the same for all guests. */
  readonly base: string
  /** The files of the runner. */
  readonly runner: readonly string[]
  readonly kernel: KernelFiles
  readonly modules: readonly ModuleFile[]
  readonly job: Job
  /** Of the host, to be found below `hostFiles` in the guest. */
  readonly files: readonly string[]
}

/** Writes the initramfs of one guest: the part that all share, followed by what is its own. */
export function writeInitrd(path: string, { base, runner, kernel, modules, job, files }: InitrdOptions): void {
  copyFileSync(base, path, constants.COPYFILE_FICLONE)
  const own: CpioFile[] = [
    { path: 'init', mode: 0o755, data: initScript },
    ...runner.map(file => ({ path: `harness/${basename(file)}`, data: readFileSync(file) })),
    { path: 'harness/job.json', data: JSON.stringify({ ...job, root: hostFiles, sources: job.sources.map(inGuest) } satisfies Job) },
    { path: 'harness/modules/order', data: modules.map(({ name }) => `${name}\n`).join('') },
    ...modules.map(({ name, bytes }) => ({ path: `harness/modules/${name}.ko`, data: bytes })),
    ...(kernel.config === undefined ? [] : [{ path: `boot/config-${kernel.release}`, data: kernel.config }]),
    ...files.map(file => ({ path: join(hostFiles, file).slice(1), data: readFileSync(file) })),
  ]
  writePieces(path, cpioArchive(own), 'a')
}

/** Files that the scenarios of a job need: their objects and modules. */
export function filesOf(job: Job, scenarios: readonly FoundScenario[]): readonly string[] {
  const modules = job.sources.flatMap(source => (source.kind === 'bundled' ? [] : [source.path]))
  return [...new Set([...modules, ...scenarios.flatMap(filesOfScenario)])]
}

function filesOfScenario({ scenario: { object, files = [] }, locate }: FoundScenario): readonly string[] {
  return [...(object === undefined ? [] : [object]), ...files].map(locate)
}

function inGuest(source: ScenarioSource): ScenarioSource {
  const moved = (path: string) => join(hostFiles, path)
  if (source.kind === 'bundled') return { ...source, objects: moved(source.objects) }
  const path = moved(source.path)
  return source.kind === 'module' ? { ...source, path, base: moved(source.base) } : { ...source, path }
}
