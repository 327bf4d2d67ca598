import { defineCommand } from '@bpf/terminal'
import { inObject } from '../complete'
import { objectOptions, recordTypeOption } from '../object-options'

/** Loads an object, attaches what can be attached, streams what it reports, and leaves nothing behind. */
export const start = defineCommand({
  name: 'start',
  summary: 'load an object, attach it and show its events until Ctrl-C',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    ...objectOptions,
    attach: {
      type: 'string',
      multiple: true,
      value: 'PROG=TARGET[,OPTION=VALUE]',
      complete: inObject('programTargets'),
      description:
        'where a program goes whose section does not say it: xdp=eth0, tc=eth0:ingress, devmap=ports:3@eth1, cgroup_skb=/sys/fs/cgroup/web, uprobe=/bin/bash:readline,pid=42',
    },
    ...recordTypeOption,
    for: { type: 'string', value: 'DURATION', description: 'stop by itself after this time: 500ms, 10s, 2m' },
    count: { type: 'string', value: 'N', description: 'stop after N events' },
    maps: { type: 'boolean', description: 'show the maps, refreshed every second, instead of events' },
    trace: { type: 'boolean', description: 'show the trace pipe (bpf_printk) too' },
    json: { type: 'boolean', description: 'print events as JSON lines; the default when stdout is not a terminal' },
  },
  examples: [
    'bpf start                                 the bundled example, execsnoop',
    'bpf start obj.o --set target_pid=42       with a global variable set',
    'bpf start obj.o --for 10s --json | jq     ten seconds of events as JSON lines',
    'bpf start drop.o --attach xdp=eth0        on an interface; PROG is a name, a section or its first word',
    'bpf start old.o --type events=event       events as struct event, where the map declares no type',
    'bpf start drop.o --attach xdp=eth0,dispatch,priority=10   beside other XDP programs of the interface',
    'bpf start syscall-count.o --maps          maps as a table, once a second',
  ],
  run: async invocation => {
    const { runStart } = await import('../start/run')
    return runStart(invocation)
  },
})
