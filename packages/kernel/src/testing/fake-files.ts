import type { Files } from '../files'

/** Files of a test: path → contents. */
export function fakeFiles(contents: Readonly<Record<string, string | Uint8Array>>): Files {
  const bytes = (path: string) => {
    const content = contents[path]
    return typeof content === 'string' ? new TextEncoder().encode(content) : content
  }
  return {
    bytes,
    version: path => (contents[path] === undefined ? undefined : 'as given'),
    text(path) {
      const content = bytes(path)
      return content && new TextDecoder().decode(content)
    },
    list(path) {
      const below = Object.keys(contents).filter(name => name.startsWith(`${path}/`))
      return [...new Set(below.map(name => name.slice(path.length + 1).split('/')[0] ?? ''))].sort()
    },
    open(path) {
      const content = bytes(path)
      return content && { read: (offset, length) => content.slice(offset, offset + length), [Symbol.dispose]: () => {} }
    },
  }
}
