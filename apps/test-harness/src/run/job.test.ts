import { describe, expect, it } from 'vitest'
import { MessageReader } from './job'

describe('the results channel', () => {
  const hello = { kind: 'hello', release: '6.1.0', count: 3 }

  it('is a message a line, however the bytes arrive', () => {
    const reader = new MessageReader()
    const text = `${JSON.stringify(hello)}\n{"kind":"done"}\n`
    const messages = [...text].flatMap(character => reader.read(character))
    expect(messages).toEqual([hello, { kind: 'done' }])
  })

  it('overhears noise', () => {
    const noise = `\0\0\u001b[2J${JSON.stringify(hello)}\r\nnot JSON\n{"kind":"other"}\n{"kind":"done"\n[1]\n`
    expect(new MessageReader().read(noise)).toEqual([hello])
  })
})
