import type { Command, CommandGroup } from '@bpf/terminal'
import { corpus } from './corpus'
import { kernels } from './kernels'
import { veristat } from './veristat'

export const commands: readonly (Command | CommandGroup)[] = [corpus, kernels, veristat]
