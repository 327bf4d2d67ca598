import { type AttachContext, openLink } from '@bpf/attach'
import { pinHint } from '@bpf/kernel'
import { openPinnedAs } from '@bpf/maps'
import type { LoadPlan, MapPlan, ProgramPlan } from '@bpf/object'
import { Errno, isSyscallError, objGet } from '@bpf/sys'
import { attachContextOf } from './attach-context'
import { type CreatedMap, foundMap } from './commit/created-map'
import type { Context } from './context'
import { LoadError } from './errors'
import type { Committed } from './load'
import { LoadedProgram } from './loaded-program'
import { objectPinPath, pinnedLinks } from './object-pins'
import { Undo } from './undo'

/**
 * What a plan stands for, found among pins instead of made: its maps, the programs that are pinned, and every link.
 *
 * @throws LoadError, PinError, OpenLinkError
 */
export function openPinnedObject(context: Context, plan: LoadPlan, directory: string): Committed {
  const undo = new Undo()
  try {
    const maps = new Map(plan.maps.map(map => [map.name, openMap(context, map, directory, undo)]))
    const attachContext = attachContextOf(context, { mapFd: name => maps.get(name)?.fd.fd, takenOver: true })
    const programs = plan.programs.flatMap(program => {
      const opened = program.error === undefined ? openProgram(attachContext, program, directory) : undefined
      return opened === undefined ? [] : [[program.name, undo.own(opened)] as const]
    })
    const links = pinnedLinks(directory).map(path => undo.own(openLink(context, { path })))
    undo.keep()
    return { maps, programs: new Map(programs), links, failures: [], structOps: [], attachContext }
  } catch (error) {
    throw undo.because(error)
  }
}

function openMap(context: Context, plan: MapPlan, directory: string, undo: Undo): CreatedMap {
  const path = objectPinPath(directory, 'maps', plan.name)
  const fd = openPinnedAs(context, { path, wanted: plan })
  if (fd === undefined) {
    const hint = pinHint(path) ?? 'object.pin(directory) makes what takeOver(directory) finds'
    throw new LoadError({ stage: 'pin', subject: path, problem: `of map "${plan.name}" does not exist`, hint })
  }
  return foundMap(context, plan, undo.own(fd))
}

function openProgram(context: AttachContext, plan: ProgramPlan, directory: string): LoadedProgram | undefined {
  try {
    return new LoadedProgram(context, plan, objGet(context.sys, { path: objectPinPath(directory, 'programs', plan.name) }))
  } catch (error) {
    if (isSyscallError(error, Errno.ENOENT)) return undefined
    throw error
  }
}
