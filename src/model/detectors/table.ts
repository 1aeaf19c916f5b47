import type { Latents } from '../clusters/latents.ts'
import { pack, pack32, unpack, unpack32 } from '../packed.ts'
import type { Table } from './detector-file.ts'

export const packTable = ({ data, dimensions }: Latents): Table => ({
  dimensions,
  values: pack32(Float32Array.from(data)),
})

/** @throws Error when there are no rows of finite numbers */
export function unpackTable({ dimensions, values }: Table): Latents {
  const floats = unpack32(values)
  if (!floats?.length || floats.length % dimensions !== 0) {
    throw new Error(`they are no rows of ${dimensions} finite numbers`)
  }
  return { data: Float64Array.from(floats), rows: floats.length / dimensions, dimensions }
}

/** Numbers in JSON, as base64 of little-endian float64. */
export const packVector = pack

/** @throws Error when there are not `length` finite numbers */
export function unpackVector(text: string, length: number): Float64Array {
  const values = unpack(text, length)
  if (!values) throw new Error(`they are not ${length} finite numbers`)
  return values
}
