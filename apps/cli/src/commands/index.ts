import type { Command, CommandGroup } from '@bpf/terminal'
import { batch } from './batch'
import { btf } from './btf'
import { cgroup } from './cgroup'
import { completion } from './completion'
import { disasm } from './disasm'
import { doctor } from './doctor'
import { explain } from './explain'
import { feature } from './feature'
import { gen } from './gen'
import { inspect } from './inspect'
import { iter } from './iter'
import { link } from './link'
import { load } from './load'
import { man } from './man'
import { map } from './map'
import { net } from './net'
import { perf } from './perf'
import { prog } from './prog'
import { start } from './start'
import { structOps } from './struct-ops'
import { token } from './token'
import { top } from './top'
import { trace } from './trace'

/** Every command, in the order of the help. Command files import the heavy packages only when they run. */
export const commands: readonly (Command | CommandGroup)[] = [
  start,
  load,
  explain,
  inspect,
  disasm,
  doctor,
  gen,
  feature,
  prog,
  map,
  link,
  btf,
  net,
  cgroup,
  perf,
  structOps,
  iter,
  token,
  top,
  trace,
  batch,
  completion,
  man,
]
