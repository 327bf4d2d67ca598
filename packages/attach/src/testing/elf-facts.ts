import { readFileSync } from 'node:fs'
import { type ElfFunction, findFunction, parseElf, readUsdtProbes, type UsdtProbe } from '@bpf/elf'

/** What tests know of a binary by other means than the code they test. */
export function functionIn(path: string, name: string): ElfFunction {
  const found = findFunction(parseElf(readFileSync(path)), name)
  if (found === undefined) throw new Error(`${path} has no function ${name}`)
  return found
}

export function usdtProbesIn(path: string): readonly UsdtProbe[] {
  return readUsdtProbes(parseElf(readFileSync(path)))
}
