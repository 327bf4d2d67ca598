import { listPerfHolders, type PerfHolder, type TracePoint } from '@bpf/attach'
import { withKernel } from '../context'
import { type ListInvocation, type Listing, printListing } from '../objects/list'
import { nothing } from '../objects/print'

/** What `bpf perf list --json` says of one. */
export type PerfFacts = Omit<PerfHolder, 'programName'> & { readonly programName: string | null }

export async function runPerfList({ options, io }: Pick<ListInvocation, 'options' | 'io'>): Promise<number> {
  const holders = await withKernel(context => [...listPerfHolders(context)])
  const found = holders.map(holder => ({ ...holder, programName: holder.programName ?? null }))
  // Descriptors of others' processes are not to be seen by everyone.
  const none =
    process.getuid?.() === 0 ? perfListing.none : 'none of the processes that this user may look into holds a probe: root sees all'
  return printListing({ ...perfListing, none }, found, options, io)
}

export const perfListing: Listing<PerfFacts> = {
  none: 'no process holds a probe by a descriptor; bpf link list shows those that links hold',
  columns: [
    { title: 'PID', cell: ({ pid }) => String(pid) },
    { title: 'COMMAND', cell: ({ command }) => command },
    { title: 'FD', cell: ({ fd }) => String(fd) },
    { title: 'PROG', cell: ({ programId }) => String(programId) },
    { title: 'NAME', cell: ({ programName }) => programName ?? nothing },
    { title: 'KIND', cell: ({ point }) => point.kind },
    { title: 'POINT', keep: 'end', cell: ({ point }) => pointText(point) },
  ],
  bpftool: holders => holders.map(bpftoolPerf),
}

function pointText(point: TracePoint): string {
  if (!('offset' in point)) return point.name
  const offset = point.offset === 0n ? '' : `+0x${point.offset.toString(16)}`
  if ('path' in point) return point.path + offset
  return point.function === '' ? `0x${point.address.toString(16)}` : point.function + offset
}

/** What `bpftool -j perf list` prints of one. */
function bpftoolPerf({ pid, fd, programId, point }: PerfFacts): unknown {
  const head = { pid, fd, prog_id: programId, fd_type: point.kind }
  if (!('offset' in point)) return { ...head, tracepoint: point.name }
  const offset = Number(point.offset)
  if ('path' in point) return { ...head, filename: point.path, offset }
  return point.function === '' ? { ...head, addr: Number(point.address), offset } : { ...head, func: point.function, offset }
}
