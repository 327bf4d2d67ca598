import { syscallError } from '../call'
import { BpfCommand } from '../constants/command'
import { commonAttrsCommand } from '../constants/flags'
import { commandName } from '../constants/names'
import { Errno } from '../errno'
import { decodeFields, encodeFields, type FieldsOf, type Layout, type ReadOf } from '../layout'
import { OwnedFd } from '../owned-fd'
import { withoutSignals } from '../signals'
import type { Sys } from '../sys'
import type { SyscallError } from '../syscall-error'
import type { Attributes } from '../trace'
import { attrMemory, commonAttr } from './attr-layouts'

export interface BpfCallOptions<L extends Layout> {
  /** Fields the kernel writes: the announced size covers them. */
  readonly reads?: readonly (keyof ReadOf<L> & string)[]
  /** A log for a command without log fields of its own (7.2). */
  readonly common?: FieldsOf<typeof commonAttr>
  /** What pointers inside of passed memory refer to. */
  readonly keep?: readonly unknown[]
}

/** How a command ended. */
export interface Reply<L extends Layout> {
  /** A descriptor, 0, or -1. */
  readonly result: number
  /** 0 on success. */
  readonly errno: number
  /** The attributes after the call, with what the kernel wrote. */
  read(): ReadOf<L>
  /** `log_true_size` of the common attributes; 0 when none were passed. */
  readonly commonLogTrueSize: number
  /** The error to throw for `errno`. */
  error(): SyscallError
}

/**
 * The verifier gives up with EAGAIN when a signal is pending; asking again is all it takes. Signals have to wait then: those of a
 * profiler come faster than a large program is verified.
 */
const loadAttempts = 5

/** Issues a bpf(2) command and leaves the judgement to the caller. @throws ArgumentError */
export function tryBpf<L extends Layout>(
  sys: Sys,
  command: BpfCommand,
  table: L,
  values: FieldsOf<L>,
  options: BpfCallOptions<L> = {},
): Reply<L> {
  const prepared = prepare(sys, command, table, values, options)
  let outcome = issue(sys, prepared)
  for (let attempt = 1; mayRetry(command, outcome.errno, attempt); attempt++) outcome = withoutSignals(sys, () => issue(sys, prepared))
  return reply(sys, table, prepared, outcome)
}

/** The same on a thread of the pool: for program loads that keep the verifier busy for seconds. */
export async function tryBpfAsync<L extends Layout>(
  sys: Sys,
  command: BpfCommand,
  table: L,
  values: FieldsOf<L>,
  options: BpfCallOptions<L> = {},
): Promise<Reply<L>> {
  const prepared = prepare(sys, command, table, values, options)
  const ask = () => sys.native.bpfAsync(command, prepared.attr, prepared.size, prepared.keep)
  let outcome = await ask()
  for (let attempt = 1; mayRetry(command, outcome.errno, attempt); attempt++) outcome = await ask()
  return reply(sys, table, prepared, outcome)
}

/** Issues a command. @throws SyscallError, ArgumentError */
export function bpf<L extends Layout>(
  sys: Sys,
  command: BpfCommand,
  table: L,
  values: FieldsOf<L>,
  options: BpfCallOptions<L> = {},
): Reply<L> {
  const answer = tryBpf(sys, command, table, values, options)
  if (answer.errno !== 0) throw answer.error()
  return answer
}

/** Issues a command that returns a descriptor. @throws SyscallError, ArgumentError */
export function bpfFd<L extends Layout>(
  sys: Sys,
  command: BpfCommand,
  table: L,
  values: FieldsOf<L>,
  what: string,
  options: BpfCallOptions<L> = {},
): OwnedFd {
  return new OwnedFd(sys, bpf(sys, command, table, values, options).result, what)
}

interface Prepared {
  readonly command: BpfCommand
  readonly attr: Uint8Array
  /** Bytes announced: the smallest that covers the fields used. */
  readonly size: number
  readonly common: Uint8Array | undefined
  /** Everything the attributes point to. */
  readonly keep: unknown[]
  readonly values: Attributes
}

function prepare<L extends Layout>(sys: Sys, command: BpfCommand, table: L, values: FieldsOf<L>, options: BpfCallOptions<L>): Prepared {
  const keep: unknown[] = [...(options.keep ?? [])]
  const addressOf = (memory: ArrayBufferView) => sys.native.address(memory)
  const attr = new Uint8Array(attrMemory)
  let size = encodeFields(table, attr, values, addressOf, keep)
  for (const name of options.reads ?? []) {
    const field = table.byName[name]
    if (field) size = Math.max(size, field.offset + field.size)
  }
  let common: Uint8Array | undefined
  if (options.common) {
    common = new Uint8Array(commonAttr.size)
    encodeFields(commonAttr, common, options.common, addressOf, keep)
  }
  return { command, attr, size, common, keep, values: values as Attributes }
}

function issue(sys: Sys, { command, attr, size, common, keep }: Prepared): { result: number; errno: number } {
  const { native } = sys
  const result =
    common === undefined
      ? native.bpf(command, attr, size)
      : native.syscall(native.arch.syscalls.bpf, command | commonAttrsCommand, attr, size, common, common.byteLength)
  const errno = result === -1 ? native.errno() : 0
  // Reachable until here, because the kernel reads through addresses the engine knows nothing of.
  keep.push(result)
  keep.pop()
  return { result, errno }
}

function mayRetry(command: BpfCommand, errno: number, attempt: number): boolean {
  return command === BpfCommand.ProgLoad && errno === Errno.EAGAIN && attempt < loadAttempts
}

function reply<L extends Layout>(sys: Sys, table: L, prepared: Prepared, outcome: { result: number; errno: number }): Reply<L> {
  const { command, attr, common, values } = prepared
  const { result, errno } = outcome
  const operation = () => commandName(command)
  sys.trace?.({ syscall: 'bpf', operation: operation(), attributes: describe(table, attr, values), result, errno })
  return {
    result,
    errno,
    read: () => decodeFields(table, attr),
    commonLogTrueSize: common === undefined ? 0 : decodeFields(commonAttr, common).logTrueSize,
    error: () => syscallError(sys, 'bpf', operation(), errno, describe(table, attr, values)),
  }
}

/** What is in the attributes now, with memory and text instead of addresses where the caller passed such. */
function describe(table: Layout, attr: Uint8Array, values: Attributes): Attributes {
  const attributes: Record<string, number | bigint | string | Uint8Array | ArrayBufferView> = { ...decodeFields(table, attr) }
  for (const { name, type } of table.fields) {
    const value = values[name]
    if (type === 'pointer' && value !== undefined && typeof value !== 'bigint') attributes[name] = value as string | ArrayBufferView
  }
  return attributes
}
