import { type Btf, BtfKind } from '@bpf/btf'

/** The `btf_decl_tag`s on types themselves, not on members or parameters: by type id, in the order of the source. */
export function declTagsOf(btf: Btf | undefined): Map<number, string[]> {
  const tags = new Map<number, string[]>()
  if (btf === undefined) return tags
  for (let id = btf.startId; id < btf.endId; id++) {
    if (btf.kindOf(id) !== BtfKind.DeclTag) continue
    const tag = btf.type(id)
    if (tag.kind !== 'declTag' || tag.componentIndex !== -1) continue
    const list = tags.get(tag.type)
    if (list === undefined) tags.set(tag.type, [tag.name])
    else list.push(tag.name)
  }
  return tags
}
