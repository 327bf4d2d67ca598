import { type App, defineCommand } from '../command'

const run = async () => 0

/** Commands, groups and options of every kind, for what is generated from such a table. */
export const demoApp: App = {
  name: 'demo',
  summary: "don't panic",
  version: '1.2.3',
  fileCommand: 'start',
  commands: [
    defineCommand({
      name: 'start',
      summary: 'start it',
      operands: '[OBJ]',
      maxOperands: 1,
      options: {
        set: { type: 'string', multiple: true, value: 'VAR=VALUE', description: "set a variable's value" },
        mode: { type: 'string', choices: ['fast', 'slow'], description: 'how' },
        only: { type: 'string', multiple: true, value: 'PART', complete: async () => ['alpha', 'beta'], description: 'this part' },
        output: { type: 'string', value: 'FILE', description: 'where to' },
        verbose: { type: 'boolean', short: 'v', description: 'tell [all]' },
      },
      examples: ['demo start x.o    the object'],
      run,
    }),
    {
      name: 'prog',
      summary: 'programs',
      fallback: 'list',
      commands: [
        defineCommand({
          name: 'list',
          aliases: ['show'],
          summary: 'all of them',
          operands: '',
          maxOperands: 0,
          options: { json: { type: 'boolean', description: 'as JSON' } },
          examples: [],
          run,
        }),
        defineCommand({
          name: 'dump',
          summary: 'one of them',
          operands: 'NAME',
          maxOperands: 1,
          options: {},
          complete: async ({ positionals }) => (positionals.length === 0 ? ['alpha', 'beta'] : []),
          examples: [],
          run,
        }),
      ],
    },
  ],
}
