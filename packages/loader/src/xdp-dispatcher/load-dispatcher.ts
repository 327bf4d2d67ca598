import type { LoadDispatcher } from '@bpf/attach'
import { getProgram, ProgFlag, plan, readObject } from '@bpf/object'
import { openById } from '@bpf/sys'
import type { Context } from '../context'
import { commit } from '../load'
import { dispatcherObject } from './dispatcher-object'

const program = 'xdp_dispatcher'

/** Loads the XDP dispatcher that this package brings along. @throws LoadError, VerifierError */
export function dispatcherLoader(context: Context): LoadDispatcher {
  return (config, { frags }) => {
    const spec = readObject(Buffer.from(dispatcherObject, 'base64'), { name: program })
    for (const map of spec.maps) if (map.origin.kind === 'data') map.contents = config
    if (frags) getProgram(spec, program).flags |= ProgFlag.XdpHasFrags
    const { maps, programs } = commit(context, plan(spec, context.kernel))
    const loaded = programs.get(program)
    try {
      return openById(context.sys, 'prog', loaded?.info().id ?? 0)
    } finally {
      loaded?.close()
      for (const { fd, memory } of maps.values()) {
        memory?.close()
        fd.close()
      }
    }
  }
}
