import { readdirSync, readFileSync } from 'node:fs'
import { openKernel } from '@bpf/kernel'
import { createSys, type SysOptions } from '@bpf/sys'
import type { MapContext } from '../map/context'

/** Kernel tests need it. */
export const root = process.getuid?.() === 0

export function createContext(options: SysOptions = {}): MapContext {
  const sys = createSys(options)
  return { sys, kernel: openKernel(sys) }
}

/** What must be the same before and after: descriptors, and mappings of BPF maps and perf events. */
export function countResources(): { readonly fds: number; readonly mappings: number } {
  const maps = readFileSync('/proc/self/maps', 'utf8')
  return { fds: readdirSync('/proc/self/fd').length, mappings: maps.split('\n').filter(line => /bpf|perf_event/.test(line)).length }
}
