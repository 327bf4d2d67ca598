import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { demoApp } from '../testing/demo-app'
import { bashCompletion } from './bash'
import { fishCompletion } from './fish'
import { zshCompletion } from './zsh'

/** A home without settings, in which there is one file, and a command that offers the same whatever it is asked. */
const directory = mkdtempSync(join(tmpdir(), 'completion-'))
const bin = join(directory, '.bin')
const place = { cwd: directory, env: { PATH: `${bin}:${process.env['PATH']}`, HOME: directory, TERM: 'dumb' }, encoding: 'utf8' } as const
writeFileSync(join(directory, 'object.o'), '')
mkdirSync(bin)
writeFileSync(join(bin, 'demo'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${directory}/.asked\nprintf 'alpha\\nbeta\\n'\n`)
chmodSync(join(bin, 'demo'), 0o755)
/** What the command was asked. */
const asked = () => linesOf(readFileSync(join(directory, '.asked'), 'utf8'))
afterAll(() => rmSync(directory, { recursive: true }))

/** What a shell offers for a command line of which the last word is being typed. */
type Complete = (line: string) => readonly string[]

function inBash(line: string): readonly string[] {
  const words = line.split(' ')
  const script = `${bashCompletion(demoApp)}
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _demo
# As readline does when there is nothing, with -o default.
[ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -o default -- '${words.at(-1)}'))
printf '%s\\n' "\${COMPREPLY[@]}"`
  return linesOf(execFileSync('bash', ['--norc', '-c', script], place))
}

function inZsh(line: string): readonly string[] {
  const [script, output] = [join(directory, '.demo.zsh'), join(directory, '.output')]
  writeFileSync(script, zshCompletion(demoApp))
  writeFileSync(output, '')
  const driver = fileURLToPath(new URL('../testing/complete.zsh', import.meta.url))
  execFileSync('zsh', ['-f', driver, script, output, line], place)
  return linesOf(readFileSync(output, 'utf8'))
}

function inFish(line: string): readonly string[] {
  const script = `${fishCompletion(demoApp)}\ncomplete -C '${line}'`
  // Behind a tab stands what it is.
  return linesOf(execFileSync('fish', ['--no-config', '-c', script], place)).map(each => each.split('\t')[0] ?? '')
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(Boolean)
}

const shells: readonly (readonly [string, Complete])[] = [
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
]
const isHere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

for (const [shell, complete] of shells) {
  describe.skipIf(!isHere(shell))(`completion in ${shell} (needs ${shell})`, () => {
    it('offers commands', () => {
      expect(complete('demo ')).toEqual(expect.arrayContaining(['start', 'prog']))
      expect(complete('demo st')).toEqual(['start'])
    })

    it('offers the commands of a group', () => {
      expect(complete('demo prog ')).toEqual(expect.arrayContaining(['list']))
      expect(complete('demo prog ')).not.toContain('start')
      expect(complete('demo prog l')).toEqual(['list'])
    })

    it('offers options once a dash is typed', () => {
      const options = ['--set', '--mode', '--only', '--output', '--verbose', '--help']
      expect(complete('demo start --').toSorted()).toEqual(options.toSorted())
      expect(complete('demo start --m')).toEqual(['--mode'])
      expect(complete('demo prog list --').toSorted()).toEqual(['--help', '--json'])
      expect(complete('demo prog show --')).toContain('--json')
    })

    it('offers what an option can be', () => {
      expect(complete('demo start --mode ').toSorted()).toEqual(['fast', 'slow'])
      expect(complete('demo start --mode f')).toEqual(['fast'])
    })

    it('asks the command for what only the line tells', () => {
      expect(complete('demo start object.o --only a')).toEqual(['alpha'])
      expect(asked()).toEqual(['__complete', 'start', 'object.o', '--only', 'a'])
      expect(complete('demo object.o --only ').toSorted()).toEqual(['alpha', 'beta'])
      expect(complete('demo prog dump b')).toEqual(['beta'])
      expect(asked()).toEqual(['__complete', 'prog', 'dump', 'b'])
    })

    it('offers files as operands, and for options that take one', () => {
      expect(complete('demo start obj')).toEqual(['object.o'])
      expect(complete('demo start --output obj')).toEqual(['object.o'])
      expect(complete('demo start --mode fast obj')).toEqual(['object.o'])
    })
  })
}
