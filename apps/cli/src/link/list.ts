import { companyColumn, companyFacts, readCompany } from '../objects/company'
import { type ListInvocation, type ObjectListing, runList } from '../objects/list'
import { readObjects } from '../objects/read'
import { bpftoolLink } from './bpftool'
import { type LinkFacts, readLinkFacts } from './facts'

/** `bpf link list [SELECTOR]` */
export function runLinkList(invocation: ListInvocation): Promise<number> {
  return runList(linkListing, invocation)
}

export const linkListing: ObjectListing<LinkFacts> = {
  kind: 'link',
  none: 'no links',
  read: (context, selector) => {
    const companyOf = readCompany(context, 'link')
    return readObjects(context, 'link', selector, fd => readLinkFacts(context, fd, companyOf))
  },
  columns: [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'PROG', cell: ({ progId }) => String(progId) },
    { title: 'NAME', cell: ({ programName }) => programName },
    { title: 'WHERE', keep: 'end', cell: ({ where }) => where },
    companyColumn,
  ],
  details: ({ id, pinned, pids, progId, programName, ...facts }) => ({
    heading: `link ${id}`,
    facts: { ...facts, program: `${progId} ${programName}`, ...companyFacts({ pinned, pids }) },
  }),
  bpftool: bpftoolLink,
}
