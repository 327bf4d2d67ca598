import { buildCfg, type Cfg, cfgToDot, cfgToSvg, type DotOptions, formatInstruction } from '@bpf/insn'
import type { Listing } from './listing'

/** The control-flow graph of a listing in Graphviz' language. */
export function dotOf(listing: Listing): string {
  return cfgToDot(graphOf(listing), optionsOf(listing)).trimEnd()
}

/** The same as a picture. */
export function svgOf(listing: Listing): string {
  return cfgToSvg(graphOf(listing), optionsOf(listing)).trimEnd()
}

function graphOf({ code, littleEndian, functions }: Listing): Cfg {
  return buildCfg(code, { littleEndian, functions: functions.keys() })
}

function optionsOf({ functions, notes, littleEndian }: Listing): DotOptions {
  return {
    functionName: slot => functions.get(slot),
    text: (slot, instruction) => formatInstruction(instruction, { helperNames: true, littleEndian, note: notes.get(slot) }),
  }
}
