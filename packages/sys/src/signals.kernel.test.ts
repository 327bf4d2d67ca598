import { Session } from 'node:inspector/promises'
import { expect, it } from 'vitest'
import { progLoad } from './bpf/program'
import { ProgType } from './constants/program-type'
import { withoutSignals } from './signals'
import { createSys } from './sys'

/** `for (r1 = 0; ++r1 < rounds;) r2 = 0;`, every round of which the verifier walks: for longer than a profiler's signals are apart. */
function longLoop(rounds: number): Uint8Array {
  const [movImm, addImm, jumpIfLess, exit] = [0xb7, 0x07, 0xa5, 0x95]
  const insns = [
    [movImm, 1, 0, 0],
    [addImm, 1, 0, 1],
    [movImm, 2, 0, 0],
    [jumpIfLess, 1, -3, rounds],
    [movImm, 0, 0, 0],
    [exit, 0, 0, 0],
  ]
  return new Uint8Array(
    insns.flatMap(([code = 0, register = 0, offset = 0, immediate = 0]) => [
      code,
      register,
      ...new Uint8Array(Int16Array.of(offset).buffer),
      ...new Uint8Array(Int32Array.of(immediate).buffer),
    ]),
  )
}

it.skipIf(process.getuid?.() !== 0)(
  'a program is loaded although a profiler interrupts the verifier all the time (needs root)',
  async () => {
    const session = new Session()
    session.connect()
    try {
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
      progLoad(createSys(), { type: ProgType.SocketFilter, insns: longLoop(50_000), license: 'GPL' }).fd.close()
      await session.post('Profiler.stop')
    } finally {
      session.disconnect()
    }
  },
)

it('signals come again afterwards', () => {
  const sys = createSys()
  const blocked = () => /^SigBlk:\s*(\w+)/m.exec(sys.readText('/proc/thread-self/status') ?? '')?.[1]
  const before = blocked()
  let during: string | undefined
  withoutSignals(sys, () => {
    during = blocked()
  })
  expect(during).not.toBe(before)
  expect(blocked()).toBe(before)
})
