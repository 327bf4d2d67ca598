import { readlinkSync } from 'node:fs'
import type { Files } from '@bpf/kernel'

/**
 * A process's mark on what outlives it: tc filters, routes and tracefs events bear it in their names, so that whoever comes
 * later can tell which of ours are left over. Letters, digits and `_`, as tracefs wants.
 *
 * A process is told by its pid namespace, pid and start time: pids alone are used again, and mean another process in
 * another container.
 */
const prefix = 'bpfts'
const pattern = /(?:^|[_/])bpfts_([0-9a-f]+)_(\d+)_(\d+)(?:_|$)/

/** `bpfts_f0000000_1234_567890`. */
export function ownerTag(files: Files): string {
  return [prefix, pidNamespace(), process.pid, startTime(files, process.pid) ?? 0].join('_')
}

/** Whether a name bears such a mark, and its owner has ended. Owners in other pid namespaces count as alive. */
export function isLeftOver(files: Files, name: string): boolean {
  const [, namespace, pid, start] = pattern.exec(name) ?? []
  if (namespace === undefined || namespace !== pidNamespace()) return false
  const found = startTime(files, Number(pid))
  return found === undefined ? !isThere(Number(pid)) : found !== start
}

/** Inode number, in hexadecimal. */
function pidNamespace(): string {
  const inode = /\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]
  return Number(inode ?? 0).toString(16)
}

/** Clock ticks from boot to the start of a process (field 22 of proc_pid_stat(5)); undefined if there is none. */
function startTime(files: Files, pid: number): string | undefined {
  const stat = files.text(`/proc/${pid}/stat`)
  // The second field, a name in parentheses, may hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

/** Processes of others may be hidden in /proc (hidepid, `ProtectProc=` of systemd), and are there all the same. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
