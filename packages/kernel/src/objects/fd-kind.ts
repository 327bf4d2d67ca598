import { readlinkSync } from 'node:fs'
import type { Fd, ObjectKind } from '@bpf/sys'

/** How /proc/self/fd names descriptors of BPF objects. */
const names: Readonly<Record<string, ObjectKind>> = {
  'anon_inode:bpf-prog': 'prog',
  'anon_inode:bpf-map': 'map',
  'anon_inode:bpf_link': 'link',
  'anon_inode:bpf-link': 'link',
  'anon_inode:btf': 'btf',
}

/** What a descriptor of this process stands for; undefined for no BPF object. */
export function kindOfFd(fd: Fd): ObjectKind | undefined {
  return names[readlinkSync(`/proc/self/fd/${fd}`)]
}
