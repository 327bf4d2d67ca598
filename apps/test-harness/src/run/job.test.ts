import { describe, expect, it } from 'vitest'
import { everything, MessageReader, partOf } from './job'

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

it('what guests share is done once by all of them, and whole by one that is alone', () => {
  const points = [12, 24, 36, 48, 60]
  const parts = [0, 1, 2, 3].map(index => partOf(points, { index, count: 4 }))
  expect(parts).toEqual([[12, 60], [24], [36], [48]])
  expect(partOf(points, everything)).toEqual(points)
})
