import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { testCgroup } from '@bpf/attach/testing'
import { failOnLeaks } from '@bpf/fixtures/leaks'
import { openKernel } from '@bpf/kernel'
import { AttachType, createSys, Errno, ids, isSyscallError, ProgType } from '@bpf/sys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixture } from '../testing/pinned-object'
import { runCli } from '../testing/run-cli'
import { expectToMatchSchema } from '../testing/schema'
import { smallProgram } from '../testing/small-program'

const object = fixture('features/iterators.o')
const root = process.getuid?.() === 0

/** Some machines do not let programs near the elements of maps, not even for root. */
function mapIteratorsAllowed(): boolean {
  if (!root) return false
  const sys = createSys()
  const attachBtfId = openKernel(sys).vmlinuxBtf()?.find('bpf_iter_bpf_map_elem', 'func')?.id ?? 0
  try {
    smallProgram(sys, { type: ProgType.Tracing, expectedAttachType: AttachType.TraceIter, attachBtfId }).close()
    return true
  } catch (error) {
    if (isSyscallError(error, Errno.EPERM)) return false
    throw error
  }
}

const overMaps = mapIteratorsAllowed()

describe.skipIf(!root || !existsSync('/sys/fs/bpf'))('bpf iter (needs root and a bpf file system)', () => {
  const sys = createSys()
  failOnLeaks(kind => ids(sys, kind))
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync('/sys/fs/bpf/cli-iter-')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('runs over the threads of a process', async () => {
    const { code, out } = await runCli('iter', 'run', object, 'on_task', '--pid', `${process.pid}`)
    expect(code).toBe(0)
    const threads = out.join('').trimEnd().split('\n').map(Number)
    expect(threads).toContain(process.pid)
    expect((await runCli('iter', 'run', object, 'on_task', '--tid', `${process.pid}`)).out).toEqual([`${process.pid}\n`])
  })

  it.skipIf(!overMaps)(
    'runs over a map of the object, with a variable set, and over a map that was there (needs map iterators)',
    async () => {
      const own = await runCli('iter', 'run', object, 'on_element', '--map', 'squares', '--set', 'offset=5')
      expect(own.out.join('')).toBe('0: 5\n1: 5\n2: 5\n')
      const path = join(directory, 'counts')
      await runCli('map', 'create', path, '--type', 'array', '--key', '4', '--value', '4', '--entries', '2', '--name', 'counts')
      await runCli('map', 'update', path, 'key', '1', 'value', '9')
      const { out } = await runCli('iter', 'run', object, 'on_element', '--map', path, '--json')
      const document = JSON.parse(out.join('\n'))
      expectToMatchSchema(document, 'iter-run')
      expect(document).toEqual({ program: 'on_element', target: 'iterator bpf_map_elem', lines: ['0: 0', '1: 9'] })
    },
  )

  it('runs over cgroups', async () => {
    using parent = testCgroup({ sys, kernel: openKernel(sys) }, 'cli-iter')
    using _child = testCgroup({ sys, kernel: openKernel(sys) }, 'child', parent)
    const run = async (...args: string[]) =>
      (await runCli('iter', 'run', object, 'on_cgroup', '--cgroup', parent.path, ...args)).out.join('')
    expect(await run()).toBe('cgroup 0\ncgroup 1\n')
    expect(await run('--order', 'self')).toBe('cgroup 0\n')
  })

  it('pins a file that runs it, and reads it by path and by id', async () => {
    const path = join(directory, 'deeper', 'tasks')
    const pin = await runCli('iter', 'pin', object, path, '--program', 'on_task', '--tid', `${process.pid}`)
    expect(pin).toMatchObject({ code: 0, out: [], notes: [expect.stringContaining('runs on_task over iterator task')] })
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    expect((await runCli('iter', 'read', path)).out).toEqual([`${process.pid}\n`])

    const [link] = JSON.parse((await runCli('link', 'show', 'pinned', path, '--json')).out.join('\n'))
    const byId = JSON.parse((await runCli('iter', 'read', 'id', `${link.id}`, '--json')).out.join('\n'))
    expectToMatchSchema(byId, 'iter-run')
    expect(byId).toMatchObject({ lines: [`${process.pid}`] })
  })

  it.skipIf(!overMaps)('pins one over a map, said as bpftool says it (needs map iterators)', async () => {
    const path = join(directory, 'counts')
    execFileSync('bpftool', ['map', 'create', path, 'type', 'array', 'key', '4', 'value', '4', 'entries', '1', 'name', 'counts'])
    const pin = await runCli('iter', 'pin', object, join(directory, 'elements'), 'map', 'pinned', path, '--program', 'on_element')
    expect(pin.code).toBe(0)
    expect(readFileSync(join(directory, 'elements'), 'utf8')).toBe('0: 0\n')
  })

  it('says what it cannot run', async () => {
    const several = await runCli('iter', 'run', object)
    expect(several).toMatchObject({
      code: 2,
      notes: [expect.stringContaining('3 iterators'), expect.stringContaining('on_task, on_element, on_cgroup')],
    })
    const misspelt = await runCli('iter', 'run', object, 'on_tsak')
    expect(misspelt).toMatchObject({ code: 1, notes: [expect.anything(), expect.stringContaining('did you mean on_task')] })
    expect((await runCli('iter', 'run', fixture('examples/execsnoop.o'))).notes[0]).toContain('has no iterator')
    expect((await runCli('iter', 'run', object, 'on_task', '--order', 'self')).code).toBe(2)
    expect((await runCli('iter', 'read', 'id', '4294967295')).code).toBe(1)
  })
})
