// `npm run pack [-- DIR]`: packs every package as npm would get it, to try it in a project of one's own.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { packAll } from './published.mjs'
import { build, install, root } from './workspace.mjs'

const destination = resolve(root, process.argv[2] ?? 'tarballs')
install()
build()
mkdirSync(destination, { recursive: true })
packAll(destination)
console.error(`packed into ${destination}`)
