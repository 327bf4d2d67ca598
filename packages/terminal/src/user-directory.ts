import { dirname } from 'node:path'

/** Whose scripts start the commands: `npm start` in a clone, and `pnpm --filter cli start`. */
const ourPackages = ['bpf-monorepo', '@bpf/cli', '@bpf/test-harness']

/**
 * Where the user is. npm and pnpm run a script in the directory of its package, and say in `INIT_CWD` where they were called:
 * that counts for our own scripts. Those of others mean the directory that they run in, and so does what a script starts elsewhere.
 */
export function userDirectory(env: NodeJS.ProcessEnv, directory: string): string {
  const { INIT_CWD: caller, npm_package_name: name = '', npm_package_json: manifest = '' } = env
  return caller !== undefined && ourPackages.includes(name) && dirname(manifest) === directory ? caller : directory
}
