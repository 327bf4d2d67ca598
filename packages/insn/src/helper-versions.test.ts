import { describe, expect, it } from 'vitest'
import { helperSince } from './helper-versions'
import { helperId, helperNames } from './helpers'

describe('helperSince', () => {
  it.each([
    ['bpf_map_delete_elem', '3.18'],
    ['bpf_perf_event_output', '4.4'],
    ['bpf_get_current_comm', '4.2'],
    ['bpf_probe_read_kernel', '5.5'],
    ['bpf_jiffies64', '5.6'],
    ['bpf_ringbuf_reserve', '5.8'],
    ['bpf_get_current_task_btf', '5.11'],
    ['bpf_loop', '5.17'],
    ['bpf_user_ringbuf_drain', '6.1'],
    ['bpf_cgrp_storage_delete', '6.2'],
  ])('%s came with %s', (helper, since) => {
    expect(helperSince(helperId(helper) ?? 0)).toBe(since)
  })

  it('never goes back: later ids are of later kernels', () => {
    const order = (version = '') =>
      version
        .split('.')
        .map(Number)
        .reduce((major, minor) => major * 100 + minor)
    const versions = helperNames().map((_, i) => order(helperSince(i + 1)))
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
  })

  it('knows no other ids', () => {
    expect([helperSince(0), helperSince(212), helperSince(-1)]).toEqual([undefined, undefined, undefined])
  })
})
