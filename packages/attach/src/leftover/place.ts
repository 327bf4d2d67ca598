/** Where an attachment is that outlives a process, in terms that hold for other processes too. */
export type Place =
  /** By netlink. `netns` is the inode number of the network namespace. */
  | { readonly kind: 'xdp'; readonly netns: number; readonly ifindex: number }
  /** Behind the dispatcher of an interface. */
  | { readonly kind: 'dispatcher'; readonly netns: number; readonly ifindex: number }
  /** By BPF_PROG_ATTACH, as the rest; `attachType` is `AttachType`. */
  | { readonly kind: 'cgroup'; readonly path: string; readonly attachType: number }
  | { readonly kind: 'netns'; readonly netns: number; readonly attachType: number }
  | { readonly kind: 'sockmap'; readonly mapId: number; readonly attachType: number }
  | { readonly kind: 'lirc'; readonly device: string; readonly attachType: number }
  /** By a map update. */
  | { readonly kind: 'struct_ops'; readonly mapId: number }

/** A place of one of these kinds. */
export type PlaceOf<Kind extends Place['kind']> = Extract<Place, { readonly kind: Kind }>

const fields: Readonly<Record<Place['kind'], Readonly<Record<string, 'number' | 'string'>>>> = {
  xdp: { netns: 'number', ifindex: 'number' },
  dispatcher: { netns: 'number', ifindex: 'number' },
  cgroup: { path: 'string', attachType: 'number' },
  netns: { netns: 'number', attachType: 'number' },
  sockmap: { mapId: 'number', attachType: 'number' },
  lirc: { device: 'string', attachType: 'number' },
  struct_ops: { mapId: 'number' },
}

export function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  const known = Object.entries(fields).find(([kind]) => kind === value.kind)?.[1]
  return known !== undefined && Object.entries(known).every(([name, type]) => typeof (value as Record<string, unknown>)[name] === type)
}

export function isSamePlace(a: Place, b: Place): boolean {
  const key = (place: Place) => JSON.stringify(Object.entries(place).sort(([x], [y]) => (x < y ? -1 : 1)))
  return key(a) === key(b)
}
