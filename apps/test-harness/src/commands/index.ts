import type { Command, CommandGroup } from '@bpf/terminal'
import { compat } from './compat'
import { corpus } from './corpus'
import { kernels } from './kernels'
import { run } from './run'
import { veristat } from './veristat'

export const commands: readonly (Command | CommandGroup)[] = [compat, corpus, kernels, run, veristat]
