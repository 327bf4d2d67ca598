import {
  type AttachableProgram,
  attachCgroup,
  attachLwt,
  attachNetns,
  attachTc,
  attachUprobe,
  attachXdp,
  findLeftovers,
  type Link,
} from '@bpf/attach'
import { openKernel } from '@bpf/kernel'
import { AttachType, createSys, ProgType, progLoad } from '@bpf/sys'
import { open } from '../../open'

/**
 * Attaches by every interface that outlives a process, says how many system calls that took, and stays; or kills itself
 * after so many of them.
 */
export interface Order {
  readonly runDirectory: string
  readonly netns: string
  readonly interface: string
  readonly cgroup: string
  /** Object with the map `plain`, a TCP congestion control that is registered by its map. */
  readonly structOps: string
  readonly killAfter?: number
}

const order: Order = JSON.parse(process.argv[2] ?? '')
let counting = false
let calls = 0
const sys = createSys({
  trace: () => {
    if (counting && ++calls === order.killAfter) process.kill(process.pid, 'SIGKILL')
  },
})
const context = { sys, kernel: openKernel(sys), runDirectory: order.runDirectory }
const here = { interface: order.interface, netns: order.netns }

/** `r0 = 0; exit` */
const insns = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)
function load(name: string, type: number, expectedAttachType = 0): AttachableProgram {
  const { fd } = progLoad(sys, { name, type, expectedAttachType, insns, license: 'GPL' })
  return { name, fd: fd.fd, section: '', type, expectedAttachType, attachTarget: undefined }
}
const xdp = load('left_xdp', ProgType.Xdp)
const filter = load('left_filter', ProgType.SchedCls)
const tunnel = load('left_tunnel', ProgType.LwtXmit)
const egress = load('left_egress', ProgType.CgroupSkb, AttachType.CgroupInetEgress)
const probe = load('left_probe', ProgType.Kprobe)
const dissector = load('left_dissector', ProgType.FlowDissector, AttachType.FlowDissector)
const control = loadControl()

function loadControl() {
  const object = open(order.structOps, { context })
  const { spec } = object
  spec.structOps = spec.structOps.filter(({ map }) => map === 'plain')
  spec.maps = spec.maps.filter(({ origin, name }) => origin.kind !== 'structOps' || name === 'plain')
  return object.load()
}

// What is done once does not belong to attaching.
findLeftovers(context)
counting = true
const links: Link[] = [
  attachXdp(context, xdp, { ...here, interfaces: ['netlink'] }),
  attachTc(context, filter, { ...here, direction: 'ingress', interfaces: ['netlink'] }),
  attachNetns(context, dissector, { netns: order.netns, interfaces: ['prog_attach'] }),
  ...control.attach().links,
  attachLwt(context, tunnel, { ...here, destination: '192.0.2.0/24' }),
  attachCgroup(context, egress, { cgroup: order.cgroup, interfaces: ['prog_attach'] }),
  attachUprobe(context, probe, { binary: process.execPath, offset: 0x1000, interfaces: ['tracefs event'] }),
]
counting = false
process.stdout.write(`${calls}\n`)
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
for (const link of links) link.close()
