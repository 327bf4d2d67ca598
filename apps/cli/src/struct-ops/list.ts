import { companyColumn, companyFacts } from '../objects/company'
import { type ListInvocation, type ObjectListing, runList } from '../objects/list'
import { isRegistered, openStructOps, type StructOpsFacts, structOpsReader } from './facts'

/** `bpf struct-ops list [SELECTOR]` */
export function runStructOpsList(invocation: ListInvocation): Promise<number> {
  return runList(structOpsListing, invocation)
}

export const structOpsListing: ObjectListing<StructOpsFacts> = {
  kind: 'map',
  none: 'no struct_ops',
  read: (context, selector) => {
    const factsOf = structOpsReader(context)
    return openStructOps(context, selector).map(opened => {
      using structOps = opened
      return factsOf(structOps)
    })
  },
  columns: [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'IMPLEMENTS', cell: ({ kernelStruct }) => kernelStruct },
    { title: 'REGISTERED', cell: registration },
    companyColumn,
  ],
  details: one => ({
    heading: `struct_ops ${one.id} ${one.name}`,
    facts: {
      implements: one.kernelStruct,
      registered: registration(one),
      state: one.state,
      references: one.references,
      ...companyFacts(one),
    },
  }),
  bpftool: bpftoolStructOps,
}

/** As `bpftool -j struct_ops show` prints it. */
function bpftoolStructOps({ id, name, kernelStruct }: StructOpsFacts): unknown {
  return { id, name, kernel_struct_ops: kernelStruct }
}

/** `by link 7`, `by its map`, `no`. */
export function registration(facts: StructOpsFacts): string {
  if (!isRegistered(facts)) return 'no'
  return facts.links.length > 0 ? `by link ${facts.links.join(', ')}` : 'by its map'
}
