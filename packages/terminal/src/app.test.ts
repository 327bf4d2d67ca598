import { describe, expect, it } from 'vitest'
import { runApp } from './app'
import { type App, type CommandGroup, defineCommand } from './command'
import { ExitCode } from './exit-code'
import type { Io } from './io'

function recordingIo() {
  const out: string[] = []
  const notes: string[] = []
  const io: Io = {
    out: line => out.push(line),
    note: line => notes.push(line),
    write: data => out.push(String(data)),
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: () => 100,
    style: (_, text) => text,
    resolvePath: path => path,
  }
  return { io, out, notes }
}

const command = (name: string, aliases: readonly string[] = []) =>
  defineCommand({
    name,
    aliases,
    summary: `does ${name}`,
    operands: '',
    maxOperands: 2,
    options: { json: { type: 'boolean', description: 'JSON' }, sort: { type: 'string', choices: ['id', 'name'], description: 'order' } },
    examples: [],
    run: async ({ positionals, options, io }) => {
      io.out(`${name} ${positionals.join(' ')}${options.json ? ' as JSON' : ''}`)
      return ExitCode.Ok
    },
  })

const prog: CommandGroup = {
  name: 'prog',
  aliases: ['programs'],
  summary: 'programs',
  fallback: 'list',
  commands: [command('list', ['show']), command('dump')],
}
const app: App = { name: 'bpf', summary: 'test', version: '1.2.3', commands: [command('start'), prog], fileCommand: 'start' }

async function run(...args: string[]) {
  const { io, out, notes } = recordingIo()
  return { code: await runApp(app, args, io), out, notes }
}

describe('runApp', () => {
  it.each([
    [['start', 'a.o'], 'start a.o'],
    [['a.o'], 'start a.o'],
    [['prog', 'dump', '7'], 'dump 7'],
    [['prog', 'show'], 'list '],
    [['programs', 'dump', '7'], 'dump 7'],
    [['prog'], 'list '],
    [['prog', '--json'], 'list  as JSON'],
    [['--version'], '1.2.3'],
  ])('%j', async (args, line) => {
    expect(await run(...args)).toEqual({ code: ExitCode.Ok, out: [line], notes: [] })
  })

  it('explains groups and their commands', async () => {
    expect((await run('prog', '--help')).out[0]).toBe(
      [
        'bpf prog — programs',
        '',
        'usage: bpf prog COMMAND [operands] [options]; without a command: list',
        '',
        'commands:',
        '  list  does list',
        '  dump  does dump',
        '',
        'bpf prog COMMAND --help shows the options of one.',
      ].join('\n'),
    )
    expect((await run('help', 'prog', 'dump')).out[0]).toContain('usage: bpf prog dump [options]')
  })

  it('says how a command is used where its options are wrong, and that options stand behind commands', async () => {
    const notesOf = async (...args: string[]) => {
      const { io, notes } = recordingIo()
      expect(await runApp(app, args, io)).toBe(ExitCode.Usage)
      return notes.join('\n')
    }
    expect(await notesOf('start', '--json=yes')).toContain('usage: bpf start')
    expect(await notesOf('start', '--zzz')).toContain('usage: bpf start')
    expect(await notesOf('--json')).toContain('--json: options stand behind a command')
  })

  it('suggests near names, also within a group, and names the choices', async () => {
    expect(await run('prog', 'lst')).toMatchObject({
      code: ExitCode.Usage,
      notes: ['error: unknown command bpf prog lst', '  hint: did you mean list?'],
    })
    expect(await run('strat')).toMatchObject({ code: ExitCode.Usage, notes: [expect.any(String), '  hint: did you mean start?'] })
    expect((await run('prog', 'list', '--sort', 'size')).notes).toEqual([
      'error: --sort size: there is no such choice',
      '  hint: one of id, name',
    ])
  })
})
