import { BpfCommand } from '../constants/command'
import { Errno } from '../errno'
import type { FieldsOf } from '../layout'
import type { Fd } from '../owned-fd'
import type { Sys } from '../sys'
import { progAttach as attachLayout, progQuery as queryLayout } from './attr-layouts'
import { bpf, type Reply, tryBpf } from './call'

/** The hook: a cgroup, network namespace, map or LIRC device by descriptor, or an interface by index. */
export type AttachTarget = { readonly targetFd: Fd } | { readonly targetIfindex: number }

/** A place among other programs on the same hook, with `AttachFlag.Before` or `After` (tcx 6.6, cgroup 6.17). */
export interface Relative {
  readonly relativeFd?: Fd | undefined
  /** With `AttachFlag.Id`. */
  readonly relativeId?: number | undefined
  /** Refuse with ESTALE if the hook changed since that revision; 0 for any. */
  readonly expectedRevision?: bigint
}

export type ProgAttachOptions = AttachTarget &
  Relative & {
    readonly progFd: Fd
    /** `AttachType`. */
    readonly attachType: number
    /** `AttachFlag`. */
    readonly flags?: number
    /** With `AttachFlag.Replace`. */
    readonly replaceFd?: Fd | undefined
  }

/** BPF_PROG_ATTACH: attached until detached, whoever lives. @throws SyscallError */
export function progAttach(sys: Sys, options: ProgAttachOptions): void {
  bpf(sys, BpfCommand.ProgAttach, attachLayout, attachValues(options))
}

export type ProgDetachOptions = Omit<ProgAttachOptions, 'progFd' | 'replaceFd'> & AttachTarget & { readonly progFd?: Fd | undefined }

/** BPF_PROG_DETACH. @throws SyscallError */
export function progDetach(sys: Sys, options: ProgDetachOptions): void {
  bpf(sys, BpfCommand.ProgDetach, attachLayout, attachValues(options))
}

function attachValues(options: ProgDetachOptions & { readonly replaceFd?: Fd | undefined }): FieldsOf<typeof attachLayout> {
  return {
    targetFd: targetOf(options),
    attachBpfFd: options.progFd,
    attachType: options.attachType,
    attachFlags: options.flags,
    replaceBpfFd: options.replaceFd,
    relativeFd: options.relativeFd ?? options.relativeId,
    expectedRevision: options.expectedRevision,
  }
}

function targetOf(target: AttachTarget): number {
  return 'targetFd' in target ? target.targetFd : target.targetIfindex
}

export type ProgQueryOptions = AttachTarget & {
  /** `AttachType`. */
  readonly attachType: number
  /** `QueryFlag`. */
  readonly flags?: number
  /** Ask for the attach flags of each program (cgroups, 6.0; not with `QueryFlag.Effective`). */
  readonly programFlags?: boolean
  /** Ask for the link of each program (tcx and netkit 6.6). */
  readonly links?: boolean
}

export interface AttachedProgram {
  readonly progId: number
  /** 0 unless asked for. */
  readonly attachFlags: number
  /** 0 unless asked for, or when no link holds it. */
  readonly linkId: number
  readonly linkAttachFlags: number
}

export interface AttachedPrograms {
  /** In the order they run. */
  readonly programs: readonly AttachedProgram[]
  /** Of the hook. */
  readonly attachFlags: number
  /** Changes with the hook (tcx 6.6, cgroup 6.17); 0 elsewhere. */
  readonly revision: bigint
}

/** BPF_PROG_QUERY: what is attached. @throws SyscallError */
export function progQuery(sys: Sys, options: ProgQueryOptions): AttachedPrograms {
  // Programs may be attached between the answer "too small" and the next question.
  for (let room = 64; ; ) {
    const asked = query(sys, options, room)
    const count = asked.answer.read().count
    if (asked.answer.errno === 0) return attached(asked, count)
    if (asked.answer.errno !== Errno.ENOSPC || count <= room) throw asked.answer.error()
    room = count * 2
  }
}

interface Query {
  readonly answer: Reply<typeof queryLayout>
  readonly progIds: Uint32Array
  readonly progAttachFlags: Uint32Array | undefined
  readonly linkIds: Uint32Array | undefined
  readonly linkAttachFlags: Uint32Array | undefined
}

function query(sys: Sys, options: ProgQueryOptions, room: number): Query {
  const progIds = new Uint32Array(room)
  const progAttachFlags = options.programFlags ? new Uint32Array(room) : undefined
  const linkIds = options.links ? new Uint32Array(room) : undefined
  const linkAttachFlags = options.links ? new Uint32Array(room) : undefined
  const { attachType, flags } = options
  const arrays = { progIds, progAttachFlags, linkIds, linkAttachFlags }
  const values = { targetFd: targetOf(options), attachType, queryFlags: flags, count: room, ...arrays }
  return { answer: tryBpf(sys, BpfCommand.ProgQuery, queryLayout, values, { reads: ['revision'] }), ...arrays }
}

function attached({ answer, ...arrays }: Query, count: number): AttachedPrograms {
  const { attachFlags, revision } = answer.read()
  const programs = [...arrays.progIds.subarray(0, count)].map((progId, i) => ({
    progId,
    attachFlags: arrays.progAttachFlags?.[i] ?? 0,
    linkId: arrays.linkIds?.[i] ?? 0,
    linkAttachFlags: arrays.linkAttachFlags?.[i] ?? 0,
  }))
  return { programs, attachFlags, revision }
}
