import { defineCommand, ExitCode, manPage } from '@bpf/terminal'

export const man = defineCommand({
  name: 'man',
  summary: 'print the manual page',
  operands: '',
  maxOperands: 0,
  options: {},
  examples: ['bpf man | man -l -                               read it', 'bpf man > /usr/local/share/man/man1/bpf.1        install it'],
  run: async ({ app, io }) => {
    io.out(manPage(app).trimEnd())
    return ExitCode.Ok
  },
})
