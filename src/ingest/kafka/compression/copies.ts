/** Beyond so many bytes the built-in copy is faster than a loop. */
const SHORT = 24

export function copyLiterals(from: Uint8Array, at: number, out: Uint8Array, to: number, length: number): void {
  if (length > SHORT) out.set(from.subarray(at, at + length), to)
  else for (let i = 0; i < length; i++) out[to + i] = from[at + i]
}

/** Copies within the output; the stretches may overlap, which repeats what lies between them. */
export function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (length > SHORT && distance >= length) out.copyWithin(to, to - distance, to - distance + length)
  else for (let i = 0; i < length; i++) out[to + i] = out[to - distance + i]
}
