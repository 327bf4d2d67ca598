/** What came of one scenario on one kernel. */
export interface Result {
  /** Name of the kernel, as in `kernels`. */
  readonly kernel: string
  readonly scenario: string
  /** Hook family: `kprobe`, `xdp`, `load`. */
  readonly family: string
  /** Name of the program that was attached; empty when there is none or several. */
  readonly program: string
  readonly status: 'pass' | 'fail' | 'skip'
  /** Which kernel interface held the attachment; undefined when nothing was attached. */
  readonly interface: string | undefined
  /** Of a failure, what went wrong; of a skip, the missing feature. */
  readonly reason: string | undefined
  readonly ms: number
  /** What the scenario measured, if it did; as JSON carries it. */
  readonly data?: unknown
}

/** A kernel that scenarios ran on, or should have. */
export interface KernelReport {
  /** As the user named it: `host`, `6.12`, `newest`, `bzImage`; of a package or a directory its release. */
  readonly name: string
  /** `uname -r`; undefined if it never came up. */
  readonly release: string | undefined
  /** `emulated` is QEMU without KVM. */
  readonly runsOn: 'host' | 'kvm' | 'emulated'
  /** Why it could not be used, or did not end well. */
  readonly error: string | undefined
  /** Boots that ended in a panic or a hang. */
  readonly crashes: readonly string[]
  /** From the start until the guest reported; 0 for the host. */
  readonly bootMs: number
  readonly ms: number
  /** File with the guest's console. */
  readonly console: string | undefined
}

/** Everything that a run found out; what `--reporter json` prints. */
export interface Report {
  readonly kernels: readonly KernelReport[]
  readonly results: readonly Result[]
}

/** What happens while a run is under way, for a live view. */
export type RunEvent =
  /** `count`: scenarios that it is going to run. */
  | { readonly kind: 'kernel-start'; readonly kernel: string; readonly count: number }
  | { readonly kind: 'kernel-up'; readonly kernel: string; readonly release: string }
  | { readonly kind: 'scenario-start'; readonly kernel: string; readonly scenario: string; readonly family: string }
  | { readonly kind: 'result'; readonly result: Result }
  /** Something worth telling: a boot that is repeated. */
  | { readonly kind: 'note'; readonly kernel: string; readonly text: string }
  | { readonly kind: 'kernel-end'; readonly report: KernelReport }

/** Whether a run counts as success: nothing failed, and every kernel could be used. */
export function succeeded({ kernels, results }: Report): boolean {
  return kernels.every(({ error }) => error === undefined) && results.every(({ status }) => status !== 'fail')
}
