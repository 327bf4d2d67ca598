import { type Btf, BtfKind } from '@bpf/btf'

const kindNumbers = { var: BtfKind.Var, func: BtfKind.Func, typedef: BtfKind.Typedef } as const

/** All names of one kind, for hints: walks the whole blob. */
export function* namesOfKind(btf: Btf, kind: keyof typeof kindNumbers): Generator<string> {
  for (let id = btf.startId; id < btf.endId; id++) if (btf.kindOf(id) === kindNumbers[kind]) yield btf.nameOf(id)
}
