import { stopWhenUnwritable } from './unwritable-output'

/** Whether the arguments ask for the version of the app. */
export function asksForVersion([first]: readonly string[]): boolean {
  return first === '--version' || first === '-V' || first === 'version'
}

/** Prints the version. An entry of its own, `@bpf/terminal/version`, so that nothing else need be loaded for that. */
export function printVersion(version: string): void {
  stopWhenUnwritable(process)
  process.stdout.write(`${version}\n`)
}
