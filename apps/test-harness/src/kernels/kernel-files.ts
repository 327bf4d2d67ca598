import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { KernelImageError } from './errors'

/** A kernel that can be booted. */
export interface KernelFiles {
  /** As the user named it; of a package or a directory its release. */
  readonly name: string
  /** `6.1.0-50-cloud-amd64`; of an image without anything else its file name. */
  readonly release: string
  readonly image: string
  /** The .config as text; undefined if none came with it. */
  readonly config: string | undefined
  /** Directory of the modules; undefined if none came with it. */
  readonly modules: string | undefined
}

/**
 * What a package of a kernel was unpacked to, wherever the distribution puts things. Unless it has a name it is called by its release,
 * since directories and packages are called anything. @throws KernelImageError
 */
export function findKernelFiles(root: string, name?: string): KernelFiles {
  const directories = ['usr/lib/modules', 'lib/modules'].flatMap(path => subdirectories(join(root, path)))
  const release = directories.map(path => basename(path)).at(-1) ?? imagesIn(join(root, 'boot'))[0]?.replace(/^vmlinuz-/, '')
  if (release === undefined) throw new KernelImageError(`${root} holds no kernel`, { hint: 'expected boot/vmlinuz-* or lib/modules/*' })
  const modules = directories.find(path => basename(path) === release)
  const inModules = (file: string) => (modules === undefined ? [] : [join(modules, file)])
  const image = firstFile([join(root, 'boot', `vmlinuz-${release}`), ...inModules('vmlinuz')])
  if (image === undefined) throw new KernelImageError(`${root} holds no image of kernel ${release}`)
  const config = firstFile([join(root, 'boot', `config-${release}`), ...inModules('config')])
  return { name: name ?? release, release, image, config: config && readFileSync(config, 'utf8'), modules }
}

/** An image by itself, with the configuration that lies beside it under the usual name. */
export function bareImage(name: string, image: string): KernelFiles {
  const config = firstFile([image.replace(/vmlinuz-([^/]*)$/, 'config-$1'), image.replace(/arch\/[^/]+\/boot\/[^/]+$/, '.config')])
  const text = config === undefined || config === image ? undefined : readFileSync(config, 'utf8')
  return { name, release: basename(image).replace(/^vmlinuz-/, ''), image, config: text, modules: undefined }
}

function firstFile(paths: readonly string[]): string | undefined {
  return paths.find(path => statSync(path, { throwIfNoEntry: false })?.isFile())
}

function subdirectories(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .sort()
      .map(name => join(path, name))
  } catch {
    return []
  }
}

function imagesIn(path: string): readonly string[] {
  return subdirectories(path)
    .map(file => basename(file))
    .filter(file => file.startsWith('vmlinuz-'))
}
