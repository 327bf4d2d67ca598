import { describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'

const object = fixture('examples/execsnoop.o')
const complete = async (...words: string[]) => (await runCli('__complete', ...words)).out

describe('completion of names', () => {
  it.each([
    [
      ['start', object, '--only', ''],
      ['on_exec', 'on_exit'],
    ],
    [
      [object, '--only', 'on'],
      ['on_exec', 'on_exit'],
    ],
    [
      ['load', '--skip', 'on_exit', object, '--only', ''],
      ['on_exec', 'on_exit'],
    ],
    [
      ['start', object, '--set', ''],
      ['target_pid=', 'show_exit=', 'lost='],
    ],
    [
      ['iter', 'pin', fixture('features/iterators.o'), '/sys/fs/bpf/x', '--set', ''],
      ['offset=', 'on_cgroup.text=', 'on_element.text=', 'on_task.text='],
    ],
    [['start', object, '--map', ''], ['events=']],
    [
      ['start', object, '--attach', ''],
      ['on_exec=', 'on_exit='],
    ],
    [['gen', 'types', object, '--type', ''], ['events=']],
    [
      ['disasm', object, ''],
      ['on_exec', 'on_exit'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['feature', 'list_builtins', ''],
      ['prog_types', 'map_types', 'attach_types', 'link_types', 'helpers'],
    ],
    [
      ['btf', 'dump', ''],
      ['id', 'prog', 'map', 'file'],
    ],
  ])('%j', async (words, expected) => {
    expect((await complete(...words)).toSorted()).toEqual(expected.toSorted())
  })

  it.each([
    [['start', '/nonexistent.o', '--only', '']],
    [['disasm', '']],
    [['disasm', object, 'on_exec', '']],
    [['prog', 'dump', 'pinned', '']],
    [['prog', 'pin', 'id', '12', '']],
    [['completion', 'bash', '']],
    [['btf', 'dump', 'constructor', '']],
  ])('nothing, and no error: %j', async words => {
    expect(await runCli('__complete', ...words)).toMatchObject({ code: 0, out: [] })
  })
})
