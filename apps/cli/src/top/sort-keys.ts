/** Columns that `bpf top` can be sorted by. */
export const sortKeys = ['cpu', 'runs', 'time', 'missed', 'id'] as const
export type SortKey = (typeof sortKeys)[number]
