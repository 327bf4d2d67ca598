import type { LoadDispatcher } from '@bpf/attach'
import { getProgram, ProgFlag, readObject } from '@bpf/object'
import { openById } from '@bpf/sys'
import type { Context } from '../context'
import { BpfObject } from '../open'
import { dispatcherObject } from './dispatcher-object'

const program = 'xdp_dispatcher'

/** Loads the XDP dispatcher that this package brings along. @throws LoadError, VerifierError */
export function dispatcherLoader(context: Context): LoadDispatcher {
  return (config, { frags }) => {
    const spec = readObject(Buffer.from(dispatcherObject, 'base64'), { name: program })
    for (const map of spec.maps) if (map.origin.kind === 'data') map.contents = config
    if (frags) getProgram(spec, program).flags |= ProgFlag.XdpHasFrags
    using loaded = new BpfObject(spec, context).load()
    return openById(context.sys, 'prog', loaded.program(program).info().id)
  }
}
