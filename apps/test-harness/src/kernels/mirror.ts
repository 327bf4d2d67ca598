import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a host takes Debian's packages from. */
export interface Mirrors {
  readonly main: string
  readonly security: string
}

const usual: Mirrors = { main: 'http://deb.debian.org/debian', security: 'http://deb.debian.org/debian-security' }

/** The mirrors that this host's apt is configured with, so that proxies and local mirrors serve us too. */
export function hostMirrors(directory = '/etc/apt'): Mirrors {
  return parseMirrors(sourceFiles(directory).map(path => readFileSync(path, 'utf8')))
}

function sourceFiles(directory: string): readonly string[] {
  const list = (path: string) => {
    try {
      return readdirSync(path).map(name => join(path, name))
    } catch {
      return []
    }
  }
  return [...list(directory), ...list(join(directory, 'sources.list.d'))].filter(path => /sources\.list$|\.list$|\.sources$/.test(path))
}

/** Of sources.list(5), one line or deb822: the addresses of Debian itself, told by their paths. */
export function parseMirrors(texts: readonly string[]): Mirrors {
  const addresses = texts.flatMap(text =>
    [...text.matchAll(/^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(\S+)/gm)].map(match => String(match[1]).replace(/\/$/, '')),
  )
  return {
    main: addresses.find(address => /\/debian$/.test(address)) ?? usual.main,
    security: addresses.find(address => /\/debian-security$|^https?:\/\/security\.debian\.org/.test(address)) ?? usual.security,
  }
}
