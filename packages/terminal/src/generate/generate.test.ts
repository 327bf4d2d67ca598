import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { type App, defineCommand } from '../command'
import { bashCompletion } from './bash'
import { fishCompletion } from './fish'
import { manPage } from './man'
import { markdownPage } from './markdown'
import { zshCompletion } from './zsh'

const run = async () => 0
const app: App = {
  name: 'demo',
  summary: "don't panic",
  version: '1.2.3',
  fileCommand: 'start',
  commands: [
    defineCommand({
      name: 'start',
      summary: 'start it',
      operands: '[OBJ]',
      maxOperands: 1,
      options: {
        set: { type: 'string', multiple: true, value: 'VAR=VALUE', description: "set a variable's value" },
        mode: { type: 'string', choices: ['fast', 'slow'], description: 'how' },
        verbose: { type: 'boolean', short: 'v', description: 'tell [all]' },
      },
      examples: ['demo start x.o    the object'],
      run,
    }),
    {
      name: 'prog',
      summary: 'programs',
      fallback: 'list',
      commands: [
        defineCommand({
          name: 'list',
          aliases: ['show'],
          summary: 'all of them',
          operands: '',
          maxOperands: 0,
          options: { json: { type: 'boolean', description: 'as JSON' } },
          examples: [],
          run,
        }),
      ],
    },
  ],
}

/** What bash offers for a command line whose last word is being typed. */
function complete(...words: string[]): string[] {
  const script = `${bashCompletion(app)}
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _demo; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean)
}

describe('completion for bash', () => {
  it.each([
    [
      ['demo', ''],
      ['start', 'prog', 'help', '--help', '--version'],
    ],
    [['demo', 'st'], ['start']],
    [['demo', 'start', ''], []],
    [
      ['demo', 'start', '--'],
      ['--set', '--mode', '--verbose', '--help'],
    ],
    [
      ['demo', 'start', '--mode', ''],
      ['fast', 'slow'],
    ],
    [
      ['demo', 'prog', ''],
      ['list', 'show'],
    ],
    [['demo', 'prog', 'l'], ['list']],
    [
      ['demo', 'prog', 'show', '--'],
      ['--json', '--help'],
    ],
    [['demo', 'nothing', '--'], []],
  ])('%j', (words, offered) => {
    expect(complete(...words)).toEqual(offered)
  })
})

describe('completion for other shells', () => {
  it('describes commands and options to zsh', () => {
    const script = zshCompletion(app)
    expect(script).toContain("'start:start it'")
    expect(script).toContain("'*--set[set a variable'\\''s value]:VAR=VALUE: '")
    expect(script).toContain("'--mode[how]:VALUE:(fast slow)'")
    expect(script).toContain("'--verbose[tell \\[all\\]]'")
    expect(script).toContain('list|show)')
  })

  it('describes commands and options to fish', () => {
    const script = fishCompletion(app)
    expect(script).toContain("complete -c demo -n '__fish_use_subcommand' -a prog -d 'programs'")
    expect(script).toContain("-n '__fish_seen_subcommand_from start' -l mode -x -a 'fast slow' -d 'how'")
    expect(script).toContain("-n '__fish_seen_subcommand_from prog; and __fish_seen_subcommand_from list show' -l json")
  })
})

describe('documentation', () => {
  it('is a manual page', () => {
    const page = manPage(app)
    expect(page).toMatch(/^\.TH DEMO 1 "" "demo 1\.2\.3"\n\.SH NAME\ndemo \\- don't panic/)
    expect(page).toContain('.SS "demo start [OBJ]"')
    expect(page).toContain('.B \\-v, \\-\\-verbose')
  })

  it('is a page of Markdown', () => {
    const page = markdownPage(app)
    expect(page).toContain('# The demo command')
    expect(page).toContain('### demo prog list')
    expect(page).toContain('demo start x.o    # the object')
    expect(page).toMatch(/\| `--mode VALUE` +\| how: fast, slow +\|/)
  })
})
