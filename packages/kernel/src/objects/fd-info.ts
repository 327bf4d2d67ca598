/** What only /proc tells of a program or a map: /proc/self/fdinfo/FD, lines of `name:<tab>value`. */
export interface FdInfo {
  /** Bytes that the kernel accounts for it; undefined where it does not tell. */
  readonly memlock: number | undefined
  /** Maps: no more writes from user space (5.2). */
  readonly frozen: boolean
  /** Program arrays that a program uses: its `ProgType`, and whether it is native code. */
  readonly ownerProgType: number | undefined
  readonly ownerJited: boolean | undefined
  /** Programs whose device or namespace went away. */
  readonly orphaned: boolean
}

export function parseFdInfo(text: string): FdInfo {
  const number = (name: string): number | undefined => {
    const value = new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : Number(value)
  }
  const jited = number('owner_jited')
  return {
    memlock: number('memlock'),
    frozen: number('frozen') === 1,
    ownerProgType: number('owner_prog_type'),
    ownerJited: jited === undefined ? undefined : jited === 1,
    orphaned: number('orphaned') === 1,
  }
}
