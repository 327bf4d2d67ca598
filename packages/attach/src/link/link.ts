import type { LinkInfo } from '@bpf/sys'

/** Which kernel interface holds an attachment; the newest that works is taken. */
export type LinkInterface =
  /** A bpf_link: the kernel detaches when its last descriptor and pin are gone. */
  | 'bpf link'
  /** A bpf_link over many kernel or user functions at once. */
  | 'multi link'
  /** BPF_RAW_TRACEPOINT_OPEN: a descriptor that holds the attachment. */
  | 'raw_tracepoint_open'
  /** PERF_EVENT_IOC_SET_BPF: attached while the perf event's descriptor is open. */
  | 'perf_event ioctl'
  /** A line in `kprobe_events` or `uprobe_events` of tracefs, and PERF_EVENT_IOC_SET_BPF on the event it makes. */
  | 'tracefs event'
  /** BPF_PROG_ATTACH: attached until detached, whoever lives. */
  | 'prog_attach'
  /** rtnetlink: attached until detached, whoever lives. */
  | 'netlink'
  /** By freplace of a function of the XDP dispatcher on an interface, and pinned: attached until detached, whoever lives. */
  | 'dispatcher'
  /** setsockopt(2): attached while the socket is open. */
  | 'setsockopt'
  /** A map update: attached while the map or the element exists. */
  | 'map update'

/** An attached program. Closing it detaches, unless it was pinned. */
export interface Link extends Disposable {
  /** Hook family: `tracepoint`, `cgroup`, `xdp`, … */
  readonly kind: string
  readonly interface: LinkInterface
  /** Name of the program. */
  readonly program: string
  /** What it is attached to, as a reader would name it: `sched:sched_process_exec`. */
  readonly target: string
  /** The kernel's link id; undefined for interfaces that are no bpf_link, and for groups of links. */
  readonly id: number | undefined
  /** It was closed or detached, and no pin of its own keeps it: nothing can be done with it any more. */
  readonly closed: boolean
  /** What the kernel says about it; undefined for interfaces that are no bpf_link, and for groups. @throws SyscallError */
  info(): LinkInfo | undefined
  /**
   * Puts another program in the place of this one, without a gap. With `expected`, only if that one is attached now.
   * @throws LinkError if the kernel refuses, or the interface has no such operation; ClosedError
   */
  update(program: Replacement, options?: { readonly expected?: Replacement }): void
  /** Keeps it attached after `close()` and the end of this process. @throws LinkError if the interface cannot be pinned */
  pin(path: string): void
  /** Removes the pin made by `pin()`. */
  unpin(): void
  /** Detaches, though pinned, and closes. Idempotent; where it throws, it may be called again. */
  detach(): void
  /** Closes; detaches unless pinned. Idempotent; where it throws, it may be called again. */
  close(): void
}

/** What an attach backend needs of a loaded program. */
export interface AttachableProgram {
  readonly name: string
  /** The descriptor; stays the caller's. */
  readonly fd: number
  /** As in the object, `tracepoint/sched/sched_process_exec`. */
  readonly section: string
  /** `enum bpf_prog_type`. */
  readonly type: number
  /** `enum bpf_attach_type`. */
  readonly expectedAttachType: number
  /** What follows the section's slash. */
  readonly attachTarget: string | undefined
}

/** What a link says of itself, for messages and lists. */
export interface LinkLabel {
  readonly kind: string
  readonly program: string
  readonly target: string
}

/** What can take the place of an attached program; for struct_ops, a map. */
export type Replacement = Pick<AttachableProgram, 'name' | 'fd'>
