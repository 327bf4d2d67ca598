import { describe, expect, it } from 'vitest'
import { runApp } from './app'
import { type App, defineCommand } from './command'
import type { Io } from './io'

const echo =
  (name: string) =>
  async ({ positionals }: { readonly positionals: readonly string[] }) => [`${name}(${positionals.join(' ')})`]

const start = defineCommand({
  name: 'start',
  summary: '',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    only: { type: 'string', multiple: true, complete: echo('only'), description: '' },
    output: { type: 'string', short: 'o', description: '' },
    quiet: { type: 'boolean', short: 'q', description: '' },
    broken: {
      type: 'string',
      complete: async () => {
        throw new Error('no such file')
      },
      description: '',
    },
  },
  examples: [],
  run: async () => 0,
})
const dump = defineCommand({ ...start, name: 'dump', aliases: ['show'], options: {}, complete: echo('dump'), run: async () => 0 })
const app: App = {
  name: 'bpf',
  summary: '',
  version: '1',
  commands: [start, { name: 'prog', summary: '', commands: [dump], fallback: 'dump' }],
  fileCommand: 'start',
}

async function completed(line: string) {
  const out: string[] = []
  const notes: string[] = []
  const io = { out: (text: string) => out.push(text), note: (text: string) => notes.push(text) } as unknown as Io
  const code = await runApp(app, ['__complete', ...line.split(' ')], io)
  return { code, out, notes }
}

describe('completion of what only the rest of the line tells', () => {
  it.each([
    ['start obj.o --only on', ['only(obj.o)']],
    ['start --quiet obj.o -o file --only ', ['only(obj.o)']],
    ['start --only a obj.o --only ', ['only(obj.o)']],
    ['./obj.o --only ', ['only(./obj.o)']],
    ['prog dump ', ['dump()']],
    ['prog show id ', ['dump(id)']],
  ])('%j', async (line, out) => {
    expect(await completed(line)).toEqual({ code: 0, out, notes: [] })
  })

  it.each(['start obj.o --output ', 'start ', 'start obj.o --broken ', 'nosuch --only ', 'prog nosuch ', ''])(
    'nothing, and no error, where nothing is known: %j',
    async line => {
      expect(await completed(line)).toEqual({ code: 0, out: [], notes: [] })
    },
  )
})
