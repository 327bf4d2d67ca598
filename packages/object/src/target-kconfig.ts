/** The options of a .config: `CONFIG_X` → `y`, `m`, `"text"`, `17`. Options that are not set are not there. */
export function parseKconfig(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const [, name = '', value = ''] of text.matchAll(/^(CONFIG_\w+)=(.+?)\r?$/gm)) options.set(name, value)
  return options
}
