import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** The kernel allows no dots in names of pins: `.rodata` becomes `_rodata`. */
export function pinName(name: string): string {
  return name.replaceAll('.', '_')
}

/** Makes the directory that a pin goes to. */
export function makePinDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
}

export function removePin(path: string): void {
  rmSync(path, { force: true })
}
