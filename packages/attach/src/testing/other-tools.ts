import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AttachType, type Fd, objPin, ProgType, type Sys } from '@bpf/sys'
import { programId } from '../query/hook'
import { type CountingProgram, countingProgram } from './counting-program'
import type { TestEnd } from './test-network'

/** What a command prints, to either place; nothing if it is not installed. */
export function printedBy(command: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return `${stdout ?? ''}${stderr ?? ''}`
}

/** Whether a command is installed. */
export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

/** Objects of the fixtures that other tools load. */
export function attachObject(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/objects/attach/${name}`, import.meta.url))
}

/** In a network namespace, with the mounts of this process: `ip netns exec` would hide the bpf file system. */
export function commandsIn(end: TestEnd) {
  const run = (command: string, ...args: string[]): string =>
    end.inside(() => execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' }))
  const bpftool = (...args: string[]) => JSON.parse(run('bpftool', '--json', ...args) || 'null')
  return { run, bpftool }
}

/** Programs that count, by the hooks of these tests. */
export function programsOf(sys: Sys) {
  return {
    xdp: (name: string) => countingProgram(sys, { type: ProgType.Xdp, returns: 2, name }),
    filter: (name: string) => countingProgram(sys, { type: ProgType.SchedCls, returns: -1, name }),
    action: (name: string) => countingProgram(sys, { type: ProgType.SchedAct, returns: 0, name }),
    egress: (name: string) =>
      countingProgram(sys, { type: ProgType.CgroupSkb, expectedAttachType: AttachType.CgroupInetEgress, returns: 1, name }),
    dissector: (name: string) => countingProgram(sys, { type: ProgType.FlowDissector, expectedAttachType: AttachType.FlowDissector, name }),
    message: (name: string) =>
      countingProgram(sys, { type: ProgType.SkMsg, expectedAttachType: AttachType.SkMsgVerdict, returns: 1, name }),
    tunnel: (name: string) => countingProgram(sys, { type: ProgType.LwtXmit, returns: 0, name }),
    idOf: (program: CountingProgram) => programId(sys, program.fd),
  }
}

/** Remembers what is on a bpf file system; what it returns removes the directories that other tools have made for their pins since. */
export function rememberDirectories(bpffs: string): () => void {
  const before = new Set(readdirSync(bpffs))
  return () => {
    for (const name of readdirSync(bpffs).filter(entry => !before.has(entry))) removeEmpty(join(bpffs, name))
  }
}

/** With the directories in it; anything else would be a pin that is left. iproute2 makes links to its directory, too. */
function removeEmpty(path: string): void {
  if (lstatSync(path).isSymbolicLink()) {
    rmSync(path)
    return
  }
  for (const name of readdirSync(path)) removeEmpty(join(path, name))
  rmdirSync(path)
}

/** A directory of pins, gone at the end with all in it. */
export interface PinDirectory extends Disposable {
  readonly path: string
  /** Pins a program, so that tools find it; returns where. */
  pin(program: { readonly fd: number; readonly name: string }): string
}

export function pinDirectory(sys: Sys, bpffs: string): PinDirectory {
  const path = mkdtempSync(join(bpffs, 'bpf-attach-test-'))
  return {
    path,
    pin({ fd, name }) {
      const pinned = join(path, name)
      objPin(sys, fd as Fd, { path: pinned })
      return pinned
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}
