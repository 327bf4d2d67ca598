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
      ],
    },
  ],
}
