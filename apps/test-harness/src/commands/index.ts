import type { Command, CommandGroup } from '@bpf/terminal'
import { corpus } from './corpus'
import { kernels } from './kernels'

export const commands: readonly (Command | CommandGroup)[] = [corpus, kernels]
