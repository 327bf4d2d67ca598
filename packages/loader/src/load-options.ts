import type { BpfMap, PinPolicy } from '@bpf/maps'
import type { FailedProgram, MapPlan } from '@bpf/object'
import type { Fd, OwnedFd } from '@bpf/sys'
import type { CreatedMap } from './commit/created-map'
import type { LogPolicy } from './commit/program-log'
import type { LoadedProgram } from './loaded-program'

/**
 * What the caller's hook may return: the plan, changed; or an existing map to use instead. A handle stays the caller's, who may
 * close it whenever; an `OwnedFd` is the object's from then on.
 */
export type MapHook = (map: MapPlan) => MapPlan | { readonly use: BpfMap | OwnedFd } | undefined

/** What happened, in order, while loading: for progress lines. */
export type LoadEvent =
  | { readonly kind: 'map'; readonly map: CreatedMap }
  | { readonly kind: 'program'; readonly program: LoadedProgram; readonly log: string }
  | { readonly kind: 'failed'; readonly program: FailedProgram }

export interface LoadOptions {
  /** Sees each map before it is created, and may change or replace it. */
  readonly onMap?: MapHook | undefined
  readonly onEvent?: ((event: LoadEvent) => void) | undefined
  /** Report programs that fail instead of taking everything back. */
  readonly keepGoing?: boolean | undefined
  readonly log?: LogPolicy | undefined
  /** What the object cannot say, by program name. */
  readonly programs?: Readonly<Record<string, ProgramOptions>> | undefined
  /** Maps that only one program may use (Linux 6.18): map name to program name. */
  readonly exclusive?: Readonly<Record<string, string>> | undefined
  /**
   * Directory on a bpf file system for the maps that say `pinning: byName`: one that is pinned there is used if it is the same,
   * a new one is pinned. Without it they are as private as all others.
   */
  readonly pinDirectory?: string | undefined
  /**
   * What to do about a map that is pinned already: `reuse` it if it is the same, which is the default; `replace` it; or `fail`.
   * For all maps, or by name.
   */
  readonly pinPolicy?: PinPolicy | Readonly<Record<string, PinPolicy>> | undefined
  /**
   * Whether RLIMIT_MEMLOCK is raised where the kernel counts maps and programs by it, which is before Linux 5.11; true unless
   * given. It stays raised.
   */
  readonly raiseMemlock?: boolean | undefined
  /**
   * A bpf file system whose delegated rights to load by (Linux 6.9); false to load without. Unless given, that of the
   * environment variable `LIBBPF_BPF_TOKEN_PATH`, or, in a user namespace, /sys/fs/bpf if it delegates any.
   */
  readonly token?: string | false | undefined
}

export interface ProgramOptions {
  /** freplace, and fentry or fexit of BPF programs: the loaded program that `attachTarget` is a function of. */
  readonly targetProgram?: Fd | undefined
  /** Offload to this interface, or with `BPF_F_XDP_DEV_BOUND_ONLY` metadata of it. */
  readonly ifindex?: number | undefined
  /** PKCS#7 signature of `BpfObject.signedCode` (Linux 6.18), detached and without attributes. */
  readonly signature?: Uint8Array | undefined
  /** Whose keys it is checked with: a keyring's serial number or `Keyring`; 0, 1, 2 are the kernel's own. */
  readonly keyringId?: number | undefined
}
