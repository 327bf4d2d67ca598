/** Lines at the end of a terminal that are drawn anew each time. */
export interface LiveRegion {
  readonly draw: (text: string) => void
  /** Takes it off the screen. */
  readonly clear: () => void
}

/** Loaded when it is needed. The cursor comes back when the process ends. */
export async function liveRegion(terminal: NodeJS.WriteStream): Promise<LiveRegion> {
  const { createLogUpdate } = await import('log-update')
  const draw = createLogUpdate({
    write: (text: string) => terminal.write(text),
    // A terminal that was never told its size has 0, as on a serial line; breaking lines at 0 columns never ends.
    get columns() {
      return terminal.columns || 100
    },
    get rows() {
      return terminal.rows || 24
    },
  } as NodeJS.WriteStream)
  return { draw, clear: draw.clear }
}
