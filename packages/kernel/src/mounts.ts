import { mkdirSync } from 'node:fs'
import { mount, type Sys } from '@bpf/sys'
import type { Files } from './files'

export interface Mount {
  readonly path: string
  /** `tracefs`, `bpf`, `cgroup2`, … */
  readonly type: string
  /** Within the file system; `/` for all of it. */
  readonly root: string
  /** Options of the file system itself. */
  readonly options: string
}

/** The lines of /proc/self/mountinfo (proc_pid_mountinfo(5)), later mounts last. */
export function parseMounts(text: string): readonly Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ')
    const [, , , root, path] = before?.split(' ') ?? []
    const [type, , options = ''] = after?.split(' ') ?? []
    if (root !== undefined && path !== undefined && type !== undefined)
      mounts.push({ path: unoctal(path), type, root: unoctal(root), options })
  }
  return mounts
}

/** What a path without symbolic links is on: the innermost mount, and of several at one place the last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const holds = (mount: Mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`)
  return mounts
    .filter(holds)
    .reduce<Mount | undefined>((best, mount) => (mount.path.length >= (best?.path.length ?? 0) ? mount : best), undefined)
}

/** Space, tab, newline and backslash are written in octal. */
function unoctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

const usualTracefs = '/sys/kernel/tracing'
export const usualBpffs = '/sys/fs/bpf'

/** Where tracefs is, alone or inside of debugfs; undefined when it is not mounted. */
export function findTracefs(files: Files): string | undefined {
  const mounts = parseMounts(files.text('/proc/self/mountinfo') ?? '')
  const own = mounts.filter(({ type, root }) => type === 'tracefs' && root === '/').map(({ path }) => path)
  if (own.length > 0) return own.find(path => path === usualTracefs) ?? own[0]
  // debugfs mounts tracefs on the first look into it, which does not show here before.
  const debugfs = mounts.find(({ type }) => type === 'debugfs')
  return debugfs && files.list(`${debugfs.path}/tracing`).includes('events') ? `${debugfs.path}/tracing` : undefined
}

/** Every bpf file system mounted, the usual place first. */
export function findBpffs(files: Files): readonly string[] {
  return bpffsAmong(parseMounts(files.text('/proc/self/mountinfo') ?? ''))
}

export function bpffsAmong(mounts: readonly Mount[]): readonly string[] {
  const paths = mounts.filter(({ type }) => type === 'bpf').map(({ path }) => path)
  return [...new Set(paths)].sort((a, b) => Number(b === usualBpffs) - Number(a === usualBpffs))
}

/** Where tracefs is, mounted at the usual place if it was nowhere. It stays mounted. @throws SyscallError */
export function ensureTracefs(sys: Sys, files: Files): string {
  const found = findTracefs(files)
  if (found !== undefined) return found
  mount(sys, { type: 'tracefs', target: usualTracefs })
  return usualTracefs
}

/** Where a bpf file system is, mounted at `path` if none is there. It stays mounted. @throws SyscallError */
export function ensureBpffs(sys: Sys, files: Files, path: string = usualBpffs): string {
  if (findBpffs(files).includes(path)) return path
  mkdirSync(path, { recursive: true, mode: 0o700 })
  mount(sys, { type: 'bpf', target: path, data: 'mode=0700' })
  return path
}
