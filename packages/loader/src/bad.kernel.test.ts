import { AttachError } from '@bpf/attach'
import { readFixture } from '@bpf/fixtures'
import { MapError } from '@bpf/maps'
import { ProgType } from '@bpf/object'
import { AttachType, type Fd } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { LoadError } from './errors'
import { open } from './open'
import { errorOf } from './testing/error-of'
import { isRoot, kernelTest } from './testing/kernel'
import { VerifierError } from './verifier/verifier-error'

describe.skipIf(!isRoot)('errors name the stage, the section, the program or map, the cause and the remedy (needs root)', () => {
  const { openFixture, context } = kernelTest()

  it('a program that the verifier rejects: message, source line, function, steps, hint', async () => {
    const opened = await openFixture('bad/verifier.o')
    const error = errorOf(VerifierError, () => opened.load())
    expect(error).toMatchObject({
      code: 'ERR_BPF_VERIFIER',
      program: 'count_exec',
      section: 'tracepoint/sched/sched_process_exec',
      summary: "R0 invalid mem access 'map_value_or_null'",
      function: 'count_exec',
      source: { text: '*count += 1;', line: 19 },
      hint: 'compare the pointer that bpf_map_lookup_elem returned with NULL before using it',
    })
    expect(error.source?.file).toMatch(/verifier\.bpf\.c$/)
    expect(error.message).toMatch(/^program "count_exec" was rejected by the verifier: R0 invalid mem access/)
    expect(error.parsed.steps.length).toBeGreaterThan(3)
    expect(error.parsed.statistics?.processedInstructions).toBeGreaterThan(0)
  })

  /** The object with a name in its types that C does not allow, which no kernel takes. */
  async function withBadTypes(path: string, name: string) {
    const bytes = (await readFixture(path)).slice()
    // Only types have that name, no symbol.
    const at = Buffer.from(bytes).indexOf(`\0${name}\0`)
    expect(at).toBeGreaterThan(0)
    bytes[at + 2] = ' '.charCodeAt(0)
    return open(bytes, { context })
  }

  it('types that the kernel refuses: a warning with the type, since programs run without', async () => {
    using object = (await withBadTypes('examples/execsnoop.o', 'filename')).load()
    expect(object.warnings).toEqual([
      expect.stringMatching(/^the kernel refuses the object's types, so it goes without: .*f lename.*Invalid/),
    ])
    expect(object.programs.size).toBe(2)
    using sound = (await openFixture('examples/execsnoop.o')).load()
    expect(sound.warnings).toEqual([])
  })

  it('types that the kernel refuses and the object needs: an error with the type', async () => {
    const opened = await withBadTypes('attach/struct-ops.o', 'sock')
    const error = errorOf(LoadError, () => opened.load())
    expect(error).toMatchObject({ stage: 'btf', hint: expect.stringMatching(/^the kernel says: .*Invalid/) })
  })

  it('a helper that no kernel knows', async () => {
    const opened = await openFixture('bad/helper.o')
    const error = errorOf(VerifierError, () => opened.load())
    expect(error.summary).toContain('9999')
    expect(error.hint).toBe('this helper does not exist for this program type on this kernel')
  })

  it('a helper for GPL-compatible programs only', async () => {
    const opened = await openFixture('bad/license.o')
    const error = errorOf(VerifierError, () => opened.load())
    expect(error.hint).toBe('declare a GPL-compatible license: char LICENSE[] SEC("license") = "GPL"')
  })

  it('an object without a license loads', async () => {
    using object = (await openFixture('bad/no-license.o')).load()
    expect(object.programs.size).toBe(1)
  })

  it('a version section of the wrong size', async () => {
    await expect(openFixture('bad/version.o')).rejects.toMatchObject({
      code: 'ERR_BPF_OBJECT_VERSION',
      message: expect.stringMatching(/8 bytes|4 bytes/),
    })
  })

  it('a section that names no program type', async () => {
    const opened = await openFixture('bad/unknown-section.o')
    expect(() => opened.load()).toThrow(/program "misspelt_section" \(section tracepiont\/sched\/sched_process_exec\)/)
  })

  it('a tracepoint that is misspelt: near names of the tracepoint and of the category', async () => {
    using object = (await openFixture('bad/tracepoint.o')).load()
    const name = errorOf(AttachError, () => object.program('misspelt_event').attach())
    expect(name.message).toContain('sched:sched_process_exce')
    expect(name.hint).toContain('sched/sched_process_exec')
    const category = errorOf(AttachError, () => object.program('misspelt_category').attach())
    expect(category.hint).toContain('sched/sched_process_exec')
    expect(() => object.attach()).toThrow(AttachError)
    expect(object.links).toEqual([])
    const { links, failures } = object.attach({ keepGoing: true })
    expect([links, failures.map(failure => failure.program)]).toEqual([[], ['misspelt_event', 'misspelt_category']])
  })

  it('a raw tracepoint that does not exist', async () => {
    using object = (await openFixture('bad/raw-tracepoint.o')).load()
    expect(errorOf(AttachError, () => object.attach()).message).toContain('sys_entre')
  })

  it('a map, a program, a variable that the object does not have: near names', async () => {
    using object = (await openFixture('checks/globals.o')).load()
    expect(() => object.program('initial_value')).toThrow('there is no program "initial_value" in this object')
    expect(errorOf(Error, () => object.variable('runz'))).toMatchObject({ code: 'ERR_BPF_NOT_FOUND', hint: 'did you mean "runs"?' })
    expect(errorOf(Error, () => object.map('.dat'))).toMatchObject({ hint: expect.stringContaining('".data"') })
  })

  it('a map that no kernel creates: what it would have to be', async () => {
    const opened = await openFixture('features/map-kinds.o')
    const routes = opened.spec.maps.find(map => map.name === 'routes')
    Object.assign(routes ?? {}, { flags: 0 })
    expect(errorOf(LoadError, () => opened.load())).toMatchObject({
      message: 'map "routes" could not be created: EINVAL',
      hint: 'maps of this type take the flag BPF_F_NO_PREALLOC',
    })
  })

  it('a value that does not fit its map or variable: where, and what is expected', async () => {
    using object = (await openFixture('features/map-kinds.o')).load()
    expect(() => object.map('rules').set({ length: 1, zone: -1, port: 1 }, 1)).toThrow('map "rules": key.zone: -1 is negative')
    expect(() => object.map('routes').set('10.0.0.0/8', { via: 1, metrc: 1 })).toThrow(
      'map "routes": value.metrc: struct route has no such',
    )
    expect(() => object.map('jobs', 'queue').push({ id: 'x' })).toThrow('map "jobs": value.id: expected an integer, got "x"')
    expect(() => object.variable('stack_id').set('x')).toThrow('variable stack_id: expected an integer, got "x"')
  })

  it('a descriptor that a map does not take: which it takes', async () => {
    using object = (await openFixture('features/map-kinds.o')).load()
    const hintOf = (action: () => unknown) => errorOf(MapError, action).hint
    const jumps = object.map('jumps', 'descriptors')
    jumps.set(0, object.program('take_stack'))
    expect(hintOf(() => jumps.set(1, object.program('use_maps')))).toMatch(/programs must be alike/)
    expect(hintOf(() => jumps.set(1, 99_999 as Fd))).toMatch(/descriptor is not open/)
    expect(() => jumps.set(1, undefined as unknown as Fd)).toThrow('map "jumps": value: expected a descriptor')
    expect(hintOf(() => object.map('tables', 'mapOfMaps').set(0, object.map('jobs')))).toMatch(/^an inner map must be/)
    expect(hintOf(() => object.map('devices').set(0, { ifindex: 2 ** 30, program: 0 }))).toMatch(/no interface of that index/)
    expect(hintOf(() => object.map('sockets', 'descriptors').set({ length: 1, zone: 1, port: 1 }, object.map('jobs')))).toMatch(/no socket/)
    expect(() => object.map('notes', 'storage').get(undefined as unknown as Fd)).toThrow('map "notes": owner: expected a descriptor')
  })

  it('a map type that this kernel does not know is named as the missing feature', async () => {
    const opened = await openFixture('checks/callbacks.o')
    const numbers = opened.spec.maps.find(map => map.name === 'numbers')
    Object.assign(numbers ?? {}, { type: 200 })
    const error = errorOf(LoadError, () => opened.load())
    expect(error).toMatchObject({ code: 'ERR_BPF_UNSUPPORTED', stage: 'map', subject: 'numbers', feature: 'map type 200' })
    expect(error.message).toBe('map "numbers" cannot be created: this kernel has no map type 200')
  })

  it('a program type that this kernel does not know is named too', async () => {
    const opened = await openFixture('bad/no-license.o')
    for (const program of opened.spec.programs) program.type = 200
    const error = errorOf(LoadError, () => opened.load())
    expect(error).toMatchObject({ code: 'ERR_BPF_UNSUPPORTED', stage: 'program', feature: 'program type 200' })
  })

  it.skipIf(context.kernel.features.attachType(AttachType.TraceFentryMulti) !== false)(
    'an attach type that this kernel does not know, whatever its verifier makes of that (needs Linux before 7.2)',
    async () => {
      const opened = (await openFixture('attach/tracing-multi.o')).only('on_entry')
      expect(errorOf(LoadError, () => opened.load())).toMatchObject({
        code: 'ERR_BPF_UNSUPPORTED',
        message: expect.stringContaining('this kernel has no attach type trace_fentry_multi'),
      })
    },
  )

  it('a load that the kernel forbids without a word of the verifier is no VerifierError', async () => {
    const opened = (await openFixture('object/functions.o')).only('callbacks')
    let error: unknown
    try {
      opened.load().close()
    } catch (caught) {
      error = caught
    }
    // Kernels that allow fentry programs load it.
    if (error === undefined) return
    expect(error).toBeInstanceOf(LoadError)
    expect(error).toMatchObject({ code: 'ERR_BPF_PERMISSION', stage: 'program', subject: 'callbacks', missing: [] })
  })

  it('a file that is not there, a directory', async () => {
    const { open } = await import('./open')
    expect(() => open('/no/such/file.o')).toThrow('file "/no/such/file.o" does not exist')
    expect(() => open('/tmp')).toThrow('file "/tmp" is a directory')
    expect(() => open(undefined as unknown as string)).toThrow('file "undefined" is no object: pass a path')
  })

  it('a program type that cannot be run for a test', async () => {
    using object = (await openFixture('legacy/programs.o')).load()
    expect(object.program('on_kprobe').type).toBe(ProgType.Kprobe)
    expect(errorOf(LoadError, () => object.program('on_kprobe').run())).toMatchObject({
      code: 'ERR_BPF_UNSUPPORTED',
      stage: 'run',
      subject: 'on_kprobe',
      feature: 'test run of kprobe programs',
    })
  })

  it('an error is thrown before anything of the object is in the kernel', () => {
    expect(context.sys.reactor.size).toBe(0)
  })
})
