import { describe, expect, it } from 'vitest'
import { printTable } from '../objects/print'
import { recordingIo } from '../testing/recording-io'
import { printDump } from './dump'
import { structOpsListing } from './list'

const plain = {
  id: 7,
  name: 'plain',
  kernelStruct: 'tcp_congestion_ops',
  state: 'inUse',
  references: 1,
  links: [],
  pinned: [],
  pids: [],
} as const

describe('bpf struct-ops', () => {
  it('lists implementations as a table', async () => {
    const { io, text } = recordingIo()
    const linked = { ...plain, id: 8, name: 'linked', state: 'ready', links: [3], pids: [{ pid: 42, command: 'node' }] } as const
    const idle = { ...plain, id: 9, name: 'idle', kernelStruct: 'sched_ext_ops', state: 'init', pinned: ['/sys/fs/bpf/idle'] } as const
    printTable(structOpsListing.columns, [plain, linked, idle], io)
    await expect(text()).toMatchFileSnapshot('golden/list.txt')
  })

  it('shows one member a line', async () => {
    const { io, text } = recordingIo()
    const members = [
      { name: 'ssthresh', type: 'u32 (*)(struct sock *)', value: null, program: { id: 12, name: 'ssthresh' } },
      { name: 'cong_control', type: 'void (*)(struct sock *, const struct rate_sample *)', value: null, program: null },
      { name: 'name', type: 'char[16]', value: 'bpf_plain', program: null },
      { name: 'list', type: 'struct list_head', value: { next: 0n, prev: 0n }, program: null },
    ]
    const { id, name, kernelStruct, state, references } = plain
    printDump({ id, name, kernelStruct, state, references, members }, false, io)
    await expect(text()).toMatchFileSnapshot('golden/dump.txt')
  })
})
