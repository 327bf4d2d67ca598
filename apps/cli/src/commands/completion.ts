import { bashCompletion, defineCommand, ExitCode, fishCompletion, UsageError, zshCompletion } from '@bpf/terminal'
import { oneOf } from '../complete'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

export const completion = defineCommand({
  name: 'completion',
  summary: 'print the completion script for a shell',
  operands: 'bash|zsh|fish',
  maxOperands: 1,
  complete: oneOf(...Object.keys(shells)),
  options: {},
  examples: [
    'source <(bpf completion bash)                                      for this shell',
    'bpf completion bash > /etc/bash_completion.d/bpf                   for all',
    'bpf completion zsh > ~/.zfunc/_bpf',
    'bpf completion fish > ~/.config/fish/completions/bpf.fish',
  ],
  run: async ({ app, positionals: [shell], io }) => {
    if (shell === undefined || !isShell(shell))
      throw new UsageError(shell === undefined ? 'for which shell?' : `${shell}: there is no completion for it`, 'bash, zsh or fish')
    io.out(shells[shell](app).trimEnd())
    return ExitCode.Ok
  },
})

function isShell(name: string): name is keyof typeof shells {
  return Object.hasOwn(shells, name)
}
