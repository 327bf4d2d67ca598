import { rmSync } from 'node:fs'

/** The kernel allows no dots in names of pins: `.rodata` becomes `_rodata`. */
export function pinName(name: string): string {
  return name.replaceAll('.', '_')
}

export function removePin(path: string): void {
  rmSync(path, { force: true })
}
