import { parseMounts } from '@bpf/kernel'
import { expect, it } from 'vitest'
import { recordingIo } from '../testing/recording-io'
import { expectToMatchSchema } from '../testing/schema'
import { delegations, printDelegations } from './list'

const mountinfo = `
30 23 0:27 / /sys/fs/bpf rw,nosuid shared:11 - bpf bpf rw,mode=700
41 23 0:31 / /run/token rw - bpf none rw,mode=700,delegate_cmds=map_create:prog_load,delegate_progs=xdp:kprobe,delegate_attachs=any
`

it('bpf token list says what bpf file systems delegate', async () => {
  const found = delegations(parseMounts(mountinfo))
  expectToMatchSchema(found, 'token-list')
  expect(found).toEqual([
    { path: '/run/token', commands: ['map_create', 'prog_load'], mapTypes: [], programTypes: ['xdp', 'kprobe'], attachTypes: ['any'] },
  ])
  const { io, text } = recordingIo()
  printDelegations(found, io)
  await expect(text()).toMatchFileSnapshot('golden/list.txt')
})
