import { describe, expect, it } from 'vitest'
import { demoApp as app } from '../testing/demo-app'
import { fishCompletion } from './fish'
import { manPage } from './man'
import { markdownPage } from './markdown'
import { zshCompletion } from './zsh'

describe('completion scripts', () => {
  it('describes commands and options to zsh', () => {
    const script = zshCompletion(app)
    expect(script).toContain("'start:start it'")
    expect(script).toContain("'*--set[set a variable'\\''s value]:VAR=VALUE: '")
    expect(script).toContain("'--mode[how]:VALUE:(fast slow)'")
    expect(script).toContain("'(-v --verbose)-v[tell \\[all\\]]' '(-v --verbose)--verbose[tell \\[all\\]]'")
    expect(script).toContain("'--output[where to]:FILE:_files'")
    expect(script).toContain('list|show)')
  })

  it('describes commands and options to fish', () => {
    const script = fishCompletion(app)
    expect(script).toContain("complete -c demo -n '__fish_use_subcommand' -a prog -d 'programs'")
    expect(script).toContain("-n '__fish_seen_subcommand_from start; or __demo_file' -l mode -x -a 'fast slow' -d 'how'")
    expect(script).toContain("-n '__fish_seen_subcommand_from prog; and __fish_seen_subcommand_from list show' -l json")
  })
})

describe('documentation', () => {
  it('is a manual page', () => {
    const page = manPage(app)
    expect(page).toMatch(/^\.TH DEMO 1 "" "demo 1\.2\.3"\n\.SH NAME\ndemo \\- don't panic/)
    expect(page).toContain('.SS "demo start [OBJ]"')
    expect(page).toContain('.B \\-v, \\-\\-verbose')
  })

  it('is a page of Markdown', () => {
    const page = markdownPage(app)
    expect(page).toContain('# The demo command')
    expect(page).toContain('### demo prog list')
    expect(page).toContain('demo start x.o    # the object')
    expect(page).toMatch(/\| `--mode VALUE` +\| how: fast, slow +\|/)
  })
})
