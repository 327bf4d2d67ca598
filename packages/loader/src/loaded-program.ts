import {
  type AttachableProgram,
  type AttachContext,
  type AttachTarget,
  type AutoAttachment,
  attachProgram,
  autoAttach,
  type Link,
} from '@bpf/attach'
import { toHex } from '@bpf/bytes'
import type { ProgramPlan } from '@bpf/object'
import { type Fd, infoLayouts, type OwnedFd, objGetInfo } from '@bpf/sys'
import { type RunOptions, type RunResult, runProgram, runProgramAsync } from './test-run'
import { parseVerifierLog, type VerifierLog, type VerifierStatistics } from './verifier/log'

/** What the kernel says about a loaded program. */
export interface ProgramInfo {
  readonly id: number
  /** 16 hex digits: equal code has equal tags. */
  readonly tag: string
  /** Instructions after the kernel's own rewriting, in bytes. */
  readonly xlatedBytes: number
  /** Native code in bytes; 0 when the JIT is off. */
  readonly jitedBytes: number
  /** Instructions that the verifier walked (5.16); 0 on older kernels. */
  readonly verifiedInstructions: number
}

/** A program in the kernel. Closing it unloads it, unless a link, a map or a pin holds it. */
export class LoadedProgram implements AttachableProgram, Disposable {
  readonly plan: ProgramPlan
  /** What the verifier printed; empty unless a log level was asked for. */
  readonly log: string
  readonly #context: AttachContext
  readonly #fd: OwnedFd
  #info: ProgramInfo | undefined
  #parsedLog: VerifierLog | undefined

  constructor(context: AttachContext, plan: ProgramPlan, fd: OwnedFd, log = '') {
    this.plan = plan
    this.log = log
    this.#context = context
    this.#fd = fd
  }

  get name(): string {
    return this.plan.name
  }

  get section(): string {
    return this.plan.section
  }

  get type(): number {
    return this.plan.type
  }

  get expectedAttachType(): number {
    return this.plan.expectedAttachType
  }

  get attachTarget(): string | undefined {
    return this.plan.attachTarget
  }

  /** The descriptor; stays ours. @throws ClosedError */
  get fd(): Fd {
    return this.#fd.fd
  }

  /** @throws SyscallError */
  info(): ProgramInfo {
    this.#info ??= readInfo(this.#context, this.fd)
    return this.#info
  }

  /** The verifier's log as steps; empty unless a log level was asked for. */
  get verifierLog(): VerifierLog {
    this.#parsedLog ??= parseVerifierLog(this.log)
    return this.#parsedLog
  }

  /** What verifying took: with `load({ log: { level: 4 } })` or more. */
  get verifierStatistics(): VerifierStatistics | undefined {
    return this.verifierLog.statistics
  }

  /** Attaches to what the section names, if it does. The link is the caller's to close. @throws AttachError */
  attach(): AutoAttachment
  /**
   * Attaches to what `target` says: `eth0,mode=generic`, `{ xdp: { interface: 'eth0' } }`. The link is the caller's to close.
   * @throws AttachError, OptionError, AttachSpecError
   */
  attach(target: AttachTarget): Link
  attach(target?: AttachTarget): AutoAttachment | Link {
    return target === undefined ? autoAttach(this.#context, this) : attachProgram(this.#context, this, target)
  }

  /** Runs the program once, or `repeat` times, on data of your own: BPF_PROG_TEST_RUN. @throws LoadError */
  run(options: RunOptions = {}): RunResult {
    return runProgram(this.#context.sys, this, options)
  }

  /** `run` without blocking this thread, for many repeats. */
  runAsync(options: RunOptions = {}): Promise<RunResult> {
    return runProgramAsync(this.#context.sys, this, options)
  }

  /** Idempotent. */
  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function readInfo({ sys }: AttachContext, fd: Fd): ProgramInfo {
  const info = objGetInfo(sys, fd, infoLayouts.progInfo, {})
  return {
    id: info.id,
    tag: toHex(info.tag),
    xlatedBytes: info.xlatedProgLen,
    jitedBytes: info.jitedProgLen,
    verifiedInstructions: info.verifiedInsns,
  }
}
