import { describe, expect, it } from 'vitest'
import type { BpftoolFeatures } from './bpftool'
import { macroLines } from './macros'

const features: BpftoolFeatures = {
  system_config: { bpf_jit_enable: 1, CONFIG_BPF: 'y', CONFIG_HZ: '250' },
  syscall_config: { have_bpf_syscall: true },
  program_types: { have_xdp_prog_type: true, have_netfilter_prog_type: false },
  map_types: { have_ringbuf_map_type: true },
  helpers: { xdp_available_helpers: ['bpf_redirect'] },
  misc: { have_bounded_loops: false },
}
const short = (lines: readonly string[]) => lines.filter(line => !line.includes('__HELPER_bpf'))

describe('macros of features', () => {
  it('have the names that bpftool gives them', () => {
    expect(short(macroLines(features, { full: false }))).toEqual([
      '/* kernel configuration */',
      '#define CONFIG_HZ 250',
      '',
      '/* system call */',
      '#define HAVE_BPF_SYSCALL',
      '',
      '/* program types */',
      '#define HAVE_XDP_PROG_TYPE',
      '#define NO_HAVE_NETFILTER_PROG_TYPE',
      '',
      '/* map types */',
      '#define HAVE_RINGBUF_MAP_TYPE',
      '',
      '/* helpers: #if HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect) */',
      '#define HAVE_PROG_TYPE_HELPER(prog_type, helper) BPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper',
      '',
      '/* others */',
      '#define NO_HAVE_BOUNDED_LOOPS',
    ])
  })

  it('begin with what the caller wants', () => {
    const lines = macroLines({ ...features, system_config: {} }, { prefix: 'MY_', full: false })
    expect(lines).toContain('/* MY_CONFIG_HZ is not set */')
    expect(lines).toContain('#define MY_NO_HAVE_NETFILTER_PROG_TYPE')
    expect(lines).toContain('#define MY_HAVE_PROG_TYPE_HELPER(prog_type, helper) MY_BPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper')
    expect(lines).toContain('#define MY_BPF__PROG_TYPE_xdp__HELPER_bpf_redirect 1')
    expect(lines).toContain('#define MY_BPF__PROG_TYPE_xdp__HELPER_bpf_map_lookup_elem 0')
  })

  it('say nothing of helpers that were not tried', () => {
    expect(macroLines(features, { full: false }).join('\n')).not.toContain('bpf_trace_printk')
    expect(macroLines(features, { full: true })).toContain('#define BPF__PROG_TYPE_xdp__HELPER_bpf_trace_printk 0')
  })
})
