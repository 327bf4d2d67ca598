import { UsageError } from '@bpf/terminal'
import { isNumberKey, isStatisticsKey, type ProgramStatistics, type StatisticsKey, statisticsKeys } from './statistics'

export type Order = readonly { readonly key: StatisticsKey; readonly descending: boolean }[]

/** `insns,+states,program`: a plus puts the smallest first, a minus the largest, which numbers do anyway. @throws UsageError */
export function parseOrder(text: string): Order {
  return text.split(',').map(part => {
    const [, sign, name = ''] = /^([+-]?)(.*)$/.exec(part.trim()) ?? []
    const key = parseKey(name, '--sort')
    return { key, descending: sign === '-' || (sign === '' && isNumberKey(key)) }
  })
}

export function sortBy(statistics: readonly ProgramStatistics[], order: Order): ProgramStatistics[] {
  return [...statistics].sort((a, b) => {
    for (const { key, descending } of order) {
      const difference = compare(a[key], b[key])
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
}

export type Filter = (statistics: ProgramStatistics) => boolean

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': order => order === 0,
  '!=': order => order !== 0,
  '<': order => order < 0,
  '<=': order => order <= 0,
  '>': order => order > 0,
  '>=': order => order >= 0,
}

/** `insns>1000`, `verdict=failure`, `program=xdp_*`: with text, `=` and `!=` take `*` for anything. @throws UsageError */
export function parseFilter(text: string): Filter {
  const [, name = '', operator = '', wanted = ''] = /^(\w+)\s*(!=|<=|>=|=|<|>)\s*(.+)$/.exec(text.trim()) ?? []
  if (name === '') throw new UsageError(`--filter ${text}: expected KEY OPERATOR VALUE`, 'for example insns>1000 or program=xdp_*')
  const key = parseKey(name, '--filter')
  const accepts = comparisons[operator] ?? (() => false)
  if (!isNumberKey(key)) {
    if (operator !== '=' && operator !== '!=') throw new UsageError(`--filter ${text}: ${key} is text, compare it with = or !=`)
    const pattern = globToRegExp(wanted)
    return statistics => accepts(pattern.test(String(statistics[key])) ? 0 : 1)
  }
  const limit = Number(wanted)
  if (!Number.isFinite(limit)) throw new UsageError(`--filter ${text}: ${wanted} is no number`)
  return statistics => accepts(compare(statistics[key], limit))
}

function globToRegExp(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

function parseKey(name: string, option: string): StatisticsKey {
  if (isStatisticsKey(name)) return name
  throw new UsageError(`${option}: there is no column ${name}`, `one of ${statisticsKeys.join(', ')}`)
}
