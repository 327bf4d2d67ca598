import { listPerfHolders, type PerfHolder, type TracePoint } from '@bpf/attach'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { withKernel } from '../context'
import { printTable } from '../objects/print'
import type { ListOptions } from '../objects/print-all'

export interface PerfListInvocation {
  readonly options: ListOptions
  readonly io: Io
}

export async function runPerfList({ options, io }: PerfListInvocation): Promise<number> {
  const holders = await withKernel(context => [...listPerfHolders(context)])
  if (options['bpftool-json']) io.out(toJson(holders.map(bpftoolPerf)))
  else if (options.json) io.out(toJson(holders.map(holder => ({ ...holder, programName: holder.programName ?? null }))))
  else if (holders.length > 0) printTable(['PID', 'COMMAND', 'FD', 'PROG', 'NAME', 'KIND', 'POINT'], holders.map(row), io)
  else io.note('no process holds a probe by a descriptor; bpf link list shows those that links hold')
  return ExitCode.Ok
}

function row({ pid, command, fd, programId, programName, point }: PerfHolder): string[] {
  return [String(pid), command, String(fd), String(programId), programName ?? '', point.kind, pointText(point)]
}

function pointText(point: TracePoint): string {
  if (!('offset' in point)) return point.name
  const offset = point.offset === 0n ? '' : `+0x${point.offset.toString(16)}`
  if ('path' in point) return point.path + offset
  return point.function === '' ? `0x${point.address.toString(16)}` : point.function + offset
}

/** What `bpftool -j perf list` prints of one. */
function bpftoolPerf({ pid, fd, programId, point }: PerfHolder): unknown {
  const head = { pid, fd, prog_id: programId, fd_type: point.kind }
  if (!('offset' in point)) return { ...head, tracepoint: point.name }
  const offset = Number(point.offset)
  if ('path' in point) return { ...head, filename: point.path, offset }
  return point.function === '' ? { ...head, addr: Number(point.address), offset } : { ...head, func: point.function, offset }
}
