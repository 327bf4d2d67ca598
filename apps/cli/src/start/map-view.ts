import { setTimeout } from 'node:timers/promises'
import type { LoadedObject } from '@bpf/loader'
import { type AnyMap, isPerCpu, type MapHandle } from '@bpf/maps'
import { MapType } from '@bpf/sys'
import { flatten, formatTable, formatValue, type Io, liveRegion, roomOf, toJson } from '@bpf/terminal'

/** Rows shown of one map on a terminal: those that changed most, then the largest. */
const rowLimit = 20
const interval = 1000

/** Shows the maps of an object once a second, numbers with their rate, until `stop`. */
export async function showMaps(
  object: LoadedObject,
  options: { readonly io: Io; readonly json: boolean; readonly stop: AbortController },
): Promise<void> {
  const { io, json, stop } = options
  const views = [...object.maps.values()].filter(isShown).map(map => new MapView(map))
  const render = json ? () => printJson(views, io) : await liveTable(views, io)
  while (!stop.signal.aborted) {
    for (const view of views) view.refresh()
    render()
    await setTimeout(interval, undefined, { signal: stop.signal }).catch(() => {})
  }
  for (const view of views) view.refresh()
  render()
}

/** Maps of keys and values; read-only data never changes. Stacks have no keys that mean anything by themselves. */
function isShown(map: AnyMap): map is MapHandle {
  return (map.kind === 'keyed' || map.kind === 'perCpu') && map.shape.type !== MapType.StackTrace && !/\.rodata|\.kconfig/.test(map.name)
}

interface Row {
  readonly key: unknown
  /** Per-CPU maps: the sum of the numbers over all CPUs. */
  readonly value: unknown
}

/** A map, and how it changed since it was last looked at. */
export class MapView {
  readonly map: MapHandle
  rows: readonly Row[] = []
  #previous = new Map<string, unknown>()
  #previousTime = 0
  #rates = new Map<string, number>()

  constructor(map: MapHandle) {
    this.map = map
  }

  refresh(): void {
    const now = performance.now()
    const seconds = this.#previousTime === 0 ? undefined : (now - this.#previousTime) / 1000
    const perCpu = isPerCpu(this.map.shape.type)
    this.rows = [...this.map.entries()].map(([key, value]) => ({ key, value: perCpu && Array.isArray(value) ? value.reduce(add) : value }))
    this.#rates = new Map()
    const current = new Map<string, unknown>()
    for (const row of this.rows) {
      for (const [name, value] of flatten(row.value)) {
        const id = `${toJson(row.key)} ${name}`
        current.set(id, value)
        if (seconds !== undefined && isNumber(value)) this.#rates.set(id, (Number(value) - Number(this.#previous.get(id) ?? 0)) / seconds)
      }
    }
    this.#previous = current
    this.#previousTime = now
  }

  rate(row: Row, field: string): number {
    return this.#rates.get(`${toJson(row.key)} ${field}`) ?? 0
  }
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null || ArrayBuffer.isView(a)) return a
  return Object.fromEntries(Object.entries(a).map(([name, value]) => [name, add(value, (b as Record<string, unknown>)[name])]))
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** `{"map":"counts","entries":[{"key":1,"value":"3"}]}`, a line a map and second. */
function printJson(views: readonly MapView[], io: Io): void {
  for (const view of views) io.out(toJson({ map: view.map.name, entries: view.rows }))
}

async function liveTable(views: readonly MapView[], io: Io): Promise<() => void> {
  const { draw } = await liveRegion(process.stdout)
  return () => draw(views.flatMap(view => renderView(view, io)).join('\n'))
}

/** Its lines on a terminal. */
export function renderView(view: MapView, io: Io): string[] {
  const title = io.style('bold', `${view.map.name} (${view.rows.length} ${view.rows.length === 1 ? 'entry' : 'entries'})`)
  if (view.rows.length === 0) return [title, '']
  const lines = view.rows.map(row => {
    const fields = flatten(row.value)
    const cells = fields.flatMap(([field, value]) =>
      isNumber(value) ? [formatValue(value), `${view.rate(row, field).toFixed(0)}/s`] : [formatValue(value)],
    )
    const weight = fields.reduce((sum, [field, value]) => sum + (isNumber(value) ? view.rate(row, field) * 1e6 + Number(value) : 0), 0)
    return { cells: [formatValue(keyText(row.key)), ...cells], weight }
  })
  lines.sort((a, b) => b.weight - a.weight)
  const first = view.rows[0]
  const header = [
    'KEY',
    ...flatten(first?.value).flatMap(([name, value]) => (isNumber(value) ? [name.toUpperCase(), 'RATE'] : [name.toUpperCase()])),
  ]
  const more = lines.length > rowLimit ? [io.style('dim', `… ${lines.length - rowLimit} more`)] : []
  return [
    title,
    ...formatTable(
      header,
      lines.slice(0, rowLimit).map(l => l.cells),
      roomOf(io),
    ),
    ...more,
    '',
  ]
}

/** A struct as a key reads better as `field=value` than as JSON. */
function keyText(key: unknown): unknown {
  const fields = flatten(key)
  return fields.length > 1 ? fields.map(([name, value]) => `${name}=${formatValue(value)}`).join(' ') : fields[0]?.[1]
}
