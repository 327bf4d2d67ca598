import { ValueSizeError } from '../errors'
import type { ValueCodec } from './codec'

/** One value a possible CPU, each in a slot rounded up to 8 bytes, as per-CPU maps hold them. */
export function perCpuCodec<T>(codec: ValueCodec<T>, cpus: number): ValueCodec<T[]> {
  const slot = Math.ceil(codec.size / 8) * 8
  return {
    size: slot * cpus,
    decode: (view, offset) => Array.from({ length: cpus }, (_, cpu) => codec.decode(view, offset + cpu * slot)),
    encode: (values, view, offset) => {
      if (!Array.isArray(values) || values.length !== cpus) throw new ValueSizeError(cpus, values, 'values, one a possible CPU')
      for (const [cpu, value] of values.entries()) codec.encode(value, view, offset + cpu * slot)
    },
  }
}
