/** Bytes of arrays that are kept for the next window; more than these are left to the garbage collector. */
const LIMIT_BYTES = 32 << 20

const kept = new Map<number, Float32Array[]>()
let keptBytes = 0

/**
 * An array for a window, contents undefined. Arrays that `giveBack` got are used again: at a thousand windows of 64 kB per second the
 * collector would otherwise run several times a second, for the memory behind the arrays, through the whole heap.
 */
export function takeArray(length: number): Float32Array {
  const array = kept.get(length)?.pop()
  if (!array) return new Float32Array(length)
  keptBytes -= array.byteLength
  return array
}

/** Takes an array that nobody will look at any more, once. One that is a part of something larger is left alone. */
export function giveBack(array: Float32Array): void {
  if (array.byteLength < array.buffer.byteLength || keptBytes + array.byteLength > LIMIT_BYTES) return
  keptBytes += array.byteLength
  const arrays = kept.get(array.length)
  if (arrays) arrays.push(array)
  else kept.set(array.length, [array])
}
