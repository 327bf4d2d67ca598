import { type AttachableProgram, attachXdp, attachXdpDispatched, type DispatchedTarget, type Link, readRunConfig } from '@bpf/attach'
import { type ObjectSpec, plan } from '@bpf/object'
import type { Fd } from '@bpf/sys'
import type { ObjectAttachContext } from '../attach-context'
import type { Context } from '../context'
import { LoadError } from '../errors'
import { commit } from '../load'
import { against, extensionSpec, hasFrags, loadStub, unlessUnpatchable } from './extension'
import { dispatcherLoader } from './load-dispatcher'

/** A loaded object, as far as its programs are loaded once more. */
export interface DispatchingObject {
  readonly context: Context
  readonly spec: ObjectSpec
  readonly attachContext: ObjectAttachContext
  readonly mapFd: (name: string) => Fd | undefined
}

/**
 * Lets an XDP program of a loaded object run among others on an interface, on the object's maps: loaded once more, for a
 * dispatcher. Its priority and chain call actions come from the target, else from the object's `.xdp_run_config`. A kernel that
 * cannot replace functions runs it alone, and refuses it where another program is.
 *
 * @throws AttachError, LoadError, VerifierError
 */
export function dispatchLoaded(object: DispatchingObject, program: AttachableProgram, target: DispatchedTarget): Link {
  const { context, spec } = object
  using extension = loadExtension(object, program.name)
  if (extension === undefined) return attachXdp(context, program, { ...target, interfaces: ['netlink'] })
  const where = { ...readRunConfig(spec.btf, program.name), frags: hasFrags(spec, program.name), ...target }
  // What is attached is pinned: neither the descriptor nor the object is needed to detach it.
  return attachXdpDispatched(context, extension, where, dispatcherLoader(context))
}

function loadExtension({ context, spec, attachContext, mapFd }: DispatchingObject, program: string) {
  using stub = loadStub(context)
  const planned = plan(extensionSpec(spec, program), context.kernel, { programs: [program] })
  const load = () => commit(context, { ...planned, structOps: [] }, { ...against(stub, program, {}), existing: mapFd, attachContext })
  const loaded = unlessUnpatchable(load)?.programs
  if (loaded === undefined) return undefined
  return loaded.get(program) ?? notLoaded(program)
}

function notLoaded(program: string): never {
  throw new LoadError({ stage: 'program', subject: program, problem: 'was not loaded for the dispatcher' })
}
