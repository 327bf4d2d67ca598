/** A file-backed part of a process's memory. */
export interface FileMapping {
  readonly start: bigint
  readonly end: bigint
  readonly executable: boolean
  /** Bytes into the file. */
  readonly offset: number
  /** As the process sees it, without the mark of a deleted file. */
  readonly path: string
  /** The file was removed or replaced while it is in use. */
  readonly deleted: boolean
  /** `7f0000000000-7f0000001000`, its name in `map_files`. */
  readonly range: string
}

const deletedMark = ' (deleted)'

/** The lines of /proc/PID/maps (proc_pid_maps(5)) that are about files. */
export function parseProcMaps(text: string): readonly FileMapping[] {
  const mappings: FileMapping[] = []
  for (const line of text.split('\n')) {
    const [, range, start, end, rights, offset, path] = /^(([0-9a-f]+)-([0-9a-f]+)) (\S{4}) ([0-9a-f]+) \S+ \d+ +(\/.*)$/.exec(line) ?? []
    if (range === undefined || path === undefined) continue
    const deleted = path.endsWith(deletedMark)
    mappings.push({
      range,
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      executable: rights?.[2] === 'x',
      offset: Number.parseInt(offset ?? '0', 16),
      path: unescapePath(deleted ? path.slice(0, -deletedMark.length) : path),
      deleted,
    })
  }
  return mappings
}

/** A newline in a path is written in octal. */
function unescapePath(path: string): string {
  return path.replaceAll('\\012', '\n')
}
