/** Numbers as base64 of little-endian float64. */
export function pack(values: Float64Array): string {
  const bytes = Buffer.alloc(values.length * 8)
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i], i * 8)
  return bytes.toString('base64')
}

/** The inverse; undefined when the text does not hold `length` finite numbers. */
export function unpack(text: string, length: number): Float64Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== length * 8) return undefined
  const values = Float64Array.from({ length }, (_, i) => bytes.readDoubleLE(i * 8))
  return values.every(Number.isFinite) ? values : undefined
}

/** Numbers as base64 of little-endian float32. */
export function pack32(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4)
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i], i * 4)
  return bytes.toString('base64')
}

/** The inverse; undefined when the text does not hold finite numbers. */
export function unpack32(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length % 4 !== 0) return undefined
  const values = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
  return values.every(Number.isFinite) ? values : undefined
}
