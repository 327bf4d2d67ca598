import { describe, expect, it } from 'vitest'
import { parseCommandArgs } from './args'
import { defineCommand } from './command'
import { parseDuration } from './duration'
import { commandHelp } from './help'

const command = defineCommand({
  name: 'start',
  summary: 'do it',
  operands: '[OBJ]',
  maxOperands: 1,
  options: {
    set: { type: 'string', multiple: true, value: 'VAR=VALUE', description: 'set a variable' },
    for: { type: 'string', value: 'DURATION', description: 'stop after' },
    json: { type: 'boolean', short: 'j', description: 'JSON lines' },
  },
  examples: ['bpf start obj.o'],
  run: async () => 0,
})

describe('parseCommandArgs', () => {
  it('takes operands and options in any order', () => {
    expect(parseCommandArgs('bpf', command, ['obj.o', '--set', 'a=1', '-j', '--set', 'b=2'])).toEqual({
      help: false,
      positionals: ['obj.o'],
      options: { set: ['a=1', 'b=2'], for: undefined, json: true },
    })
  })

  it('ignores the bare -- that npm and pnpm pass on', () => {
    expect(parseCommandArgs('bpf', command, ['--', '--for', '5s', 'obj.o']).options['for']).toBe('5s')
  })

  it('names the nearest option when one is unknown', () => {
    expect(() => parseCommandArgs('bpf', command, ['--jsn'])).toThrow(
      expect.objectContaining({ message: 'unknown option --jsn', hint: 'did you mean --json?' }),
    )
  })

  it('refuses operands that the command has no use for', () => {
    expect(() => parseCommandArgs('bpf', command, ['a.o', 'b.o'])).toThrow('start: too many operands: b.o')
  })

  it('tells the usage of a command without operands in single blanks', () => {
    const without = { ...command, operands: '', maxOperands: 0 }
    const hint = 'usage: bpf start [options], see bpf start --help'
    expect(() => parseCommandArgs('bpf', without, ['a.o'])).toThrow(expect.objectContaining({ hint }))
  })
})

describe('commandHelp', () => {
  it('is made from the option table', () => {
    expect(commandHelp('bpf', command)).toBe(
      [
        'bpf start — do it',
        '',
        'usage: bpf start [OBJ] [options]',
        '',
        'options:',
        '      --set VAR=VALUE  set a variable (repeatable)',
        '      --for DURATION   stop after',
        '  -j, --json           JSON lines',
        '  -h, --help           show this help',
        '',
        'examples:',
        '  bpf start obj.o',
      ].join('\n'),
    )
  })
})

describe('parseDuration', () => {
  it('understands ms, s, m, h and plain seconds', () => {
    expect(['500ms', '5s', '2m', '1h', '3', '0.5'].map(text => parseDuration(text, 'for'))).toEqual([
      500, 5000, 120_000, 3_600_000, 3000, 500,
    ])
  })

  it('refuses anything else', () => {
    expect(() => parseDuration('soon', 'for')).toThrow('--for soon: not a duration')
  })
})
