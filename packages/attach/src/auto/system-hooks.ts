import { attachCgroup } from '../cgroup/cgroup'
import { attachIter } from '../iter'
import { attachKprobe } from '../kprobe/kprobe'
import { attachKsyscall } from '../kprobe/ksyscall'
import type { AttachableProgram } from '../link/link'
import { attachLirc } from '../lirc'
import { attachPerfEvent } from '../perf-event/perf-event'
import { attachRawTracepoint } from '../tracepoint/raw-tracepoint'
import { attachTracepoint, parseTracepointTarget } from '../tracepoint/tracepoint'
import { attachUprobe } from '../uprobe/uprobe'
import { attachUsdt } from '../usdt/usdt'
import { type Hook, mapOf } from './hook'
import { oneOf } from './option-values'
import { parseBinaryTarget, parseFunctionTarget, parseUsdtTarget, sectionWord } from './section-target'

export const tracepoint: Hook = {
  name: 'tracepoint',
  form: 'CATEGORY/NAME: sched/sched_switch',
  options: ['cookie'],
  attach(context, program, target, options) {
    const parsed = parseTracepointTarget(target)
    return parsed && attachTracepoint(context, program, { ...parsed, ...options })
  },
}

export const rawTracepoint: Hook = {
  name: 'raw_tracepoint',
  form: 'a name: sys_enter',
  options: ['cookie'],
  attach: (context, program, name, options) => attachRawTracepoint(context, program, { name, ...options }),
}

export const kprobe: Hook = {
  name: 'kprobe',
  form: 'a function: vfs_read+0x10, tcp_*',
  options: ['cookie', 'returns'],
  own: { duplicates: oneOf('refuse', 'all') },
  attach(context, program, target, options) {
    const place = parseFunctionTarget(target)
    return place && attachKprobe(context, program, { ...place, returns: isReturn(program), ...options })
  },
}

export const ksyscall: Hook = {
  name: 'ksyscall',
  form: 'a system call: openat',
  options: ['cookie'],
  attach: (context, program, syscall, options) => attachKsyscall(context, program, { syscall, returns: isReturn(program), ...options }),
}

export const uprobe: Hook = {
  name: 'uprobe',
  form: 'BINARY:FUNCTION: /bin/bash:readline, libc:malloc',
  options: ['cookie', 'pid', 'refCounter', 'returns'],
  attach(context, program, target, options) {
    const place = parseBinaryTarget(target)
    return place && attachUprobe(context, program, { ...place, returns: isReturn(program), ...options })
  },
}

export const usdt: Hook = {
  name: 'usdt',
  form: 'BINARY:PROVIDER:NAME: libc:libc:setjmp',
  options: ['cookie', 'pid'],
  attach(context, program, target, options) {
    const probe = parseUsdtTarget(target)
    return probe && attachUsdt(context, program, { ...probe, specs: context.usdt, ...options })
  },
}

export const perfEvent: Hook = {
  name: 'perf_event',
  form: 'an event: cpu-clock',
  options: ['frequency', 'period', 'pid', 'tid', 'cpu', 'cgroup', 'cookie'],
  own: { exclude: oneOf('user', 'kernel') },
  attach: (context, program, event, options) => attachPerfEvent(context, program, { event, ...options }),
}

export const iter: Hook = {
  name: 'iter',
  form: 'a cgroup, "all", or map:NAME',
  options: ['pid', 'tid'],
  own: { order: oneOf('self', 'pre', 'post', 'up', 'children') },
  attach(context, program, target, options) {
    if (target === 'all') return attachIter(context, program, options)
    if (!target.startsWith('map:')) return attachIter(context, program, { cgroup: target, ...options })
    return attachIter(context, program, { map: mapOf(context, program, target.slice('map:'.length)), ...options })
  },
}

export const cgroup: Hook = {
  name: 'cgroup',
  form: 'a directory: /sys/fs/cgroup/web',
  options: ['place', 'preorder', 'expectedRevision'],
  own: { mode: oneOf('multi', 'override', 'exclusive') },
  attach: (context, program, target, options) => attachCgroup(context, program, { cgroup: target, ...options }),
}

export const lirc: Hook = {
  name: 'lirc_mode2',
  form: 'a device: /dev/lirc0',
  options: [],
  attach: (context, program, device) => attachLirc(context, program, { device }),
}

/** Whether the program's section says that it runs when the function returns. */
export function isReturn({ section }: AttachableProgram): boolean {
  return /^(?:kretprobe|uretprobe|kretsyscall)(?:\.|$)/.test(sectionWord(section))
}
