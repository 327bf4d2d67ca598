/** What apt says about a package. */
export interface AptPackage {
  readonly name: string
  readonly version: string
  /** Names only. */
  readonly depends: readonly string[]
}

/** Stanzas as `apt-cache show` prints them. */
export function parsePackages(text: string): readonly AptPackage[] {
  return text
    .split(/\n\n+/)
    .map(stanza => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
      return {
        name: field('Package'),
        version: field('Version'),
        depends: field('Depends')
          .split(/\s*,\s*/)
          .map(dependency => dependency.split(' ')[0] ?? '')
          .filter(dependency => dependency !== ''),
      }
    })
    .filter(({ name }) => name !== '')
}

/**
 * The packages that hold a kernel, its configuration and its modules: one until 2026, several since. What merely belongs to
 * every kernel (`linux-base`) has no version in its name.
 */
export function kernelPackages({ depends }: Pick<AptPackage, 'depends'>): readonly string[] {
  return depends.filter(name => /^linux-(?:image|binary|modules|base)-\d/.test(name))
}
