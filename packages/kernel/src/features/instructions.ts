import { ProgType } from '@bpf/sys'
import {
  assemble,
  exit,
  fetchAdd,
  type Insn,
  jumpLess,
  jumpLess32,
  jumpLong,
  jumpNotEqual,
  loadAcquire,
  mov,
  r0,
  r1,
  r10,
  store64,
  sub,
} from './code'
import { judge, type Probe, tryProgram } from './probe'

const accepts =
  (...insns: readonly Insn[]): Probe =>
  ({ sys }) =>
    judge(tryProgram(sys, { type: ProgType.SocketFilter, insns: assemble(insns) }).errno)

/** The limit of the first kernels; since 5.2 it is a million for those who may. */
const oldLimit = 4096

/** What programs may consist of. The comment is the kernel that brought it. */
export const instructionProbes = {
  /** 4.14: jumps on less than. */
  isaV2: accepts(mov(r0, 0), jumpLess(r0, 0, 1), mov(r0, 1), exit),
  /** 5.1: 32-bit jumps. */
  isaV3: accepts(mov(r0, 0), jumpLess32(r0, 0, 1), mov(r0, 1), exit),
  /** 6.6: long jumps, sign extension, byte swap. */
  isaV4: accepts(mov(r0, 0), jumpNotEqual(r0, 1, 1), jumpLong(1), mov(r0, 1), exit),
  /** 5.12: atomics that return a value. */
  atomics: accepts(mov(r1, 1), store64(r10, -8, 0), fetchAdd(r10, r1, -8), mov(r0, 0), exit),
  /** 6.15: load-acquire and store-release. */
  loadAcquire: accepts(store64(r10, -8, 0), loadAcquire(r0, r10, -8), mov(r0, 0), exit),
  /** 5.3 */
  boundedLoops: accepts(mov(r0, 10), sub(r0, 1), jumpNotEqual(r0, 0, -2), exit),
  /** 5.2 */
  millionInsns: accepts(...Array.from({ length: oldLimit }, () => mov(r0, 1)), exit),
} satisfies Record<string, Probe>
