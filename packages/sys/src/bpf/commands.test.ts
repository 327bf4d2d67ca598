import { describe, expect, it } from 'vitest'
import { BpfCommand } from '../constants/command'
import { commonAttrsCommand } from '../constants/flags'
import { commandName } from '../constants/names'
import { createSys } from '../sys'
import { commands } from '../testing/commands'
import { type FakeCall, FakeNative } from '../testing/fake-native'
import { formatCall, type TracedCall } from '../trace'

/** One call as text: the trace line, and the bytes that went with it, 16 a line, up to the size announced. */
function printCalls(calls: readonly FakeCall[], traced: readonly TracedCall[]): string {
  return calls
    .map(({ args: [command, attr, size, common] }, index) => {
      const name = commandName(Number(command) & ~commonAttrsCommand)
      const lines = [`${name} (${command}), ${size} bytes`, `  ${formatCall(traced[index] as TracedCall)}`]
      lines.push(...hexLines((attr as Uint8Array).subarray(0, Number(size))))
      if (common instanceof Uint8Array) lines.push('  common attributes', ...hexLines(common))
      return lines.join('\n')
    })
    .join('\n')
}

function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.byteLength; at += 16) {
    const words = [...bytes.subarray(at, at + 16)].map((byte, i) => (i > 0 && i % 4 === 0 ? ' ' : '') + byte.toString(16).padStart(2, '0'))
    lines.push(`    ${at.toString(16).padStart(3, '0')}: ${words.join('')}`)
  }
  return lines
}

function run(action: (typeof commands)[string]) {
  const traced: TracedCall[] = []
  const native = new FakeNative(() => 40)
  action(createSys({ native, trace: call => traced.push(call) }))
  return { calls: native.calls, text: printCalls(native.calls, traced) }
}

describe('attribute bytes', () => {
  it('are those of the golden file', async () => {
    const text = Object.entries(commands).map(([title, action]) => `# ${title}\n${run(action).text}\n`)
    await expect(text.join('\n')).toMatchFileSnapshot('golden/commands.txt')
  })

  it('are shown for every command there is', () => {
    const sent = new Set(
      Object.values(commands).flatMap(action => run(action).calls.map(({ args }) => Number(args[0]) & ~commonAttrsCommand)),
    )
    expect([...sent].sort((a, b) => a - b)).toEqual(Object.values(BpfCommand))
  })

  it('are zero beyond the size announced, in memory larger than any union bpf_attr', () => {
    for (const action of Object.values(commands)) {
      for (const { args } of run(action).calls) {
        const [command, attr, size] = args as [number, Uint8Array, number]
        if (command <= BpfCommand.MapGetNextKey || command === BpfCommand.MapLookupAndDeleteElem) continue
        expect(attr.byteLength).toBe(256)
        expect(attr.subarray(size).every(byte => byte === 0)).toBe(true)
      }
    }
  })
})
