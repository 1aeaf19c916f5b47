/** An array as a .npy file, version 1.0 of numpy.lib.format, C order. */
export function encodeNpy(data: Float32Array | Float64Array, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '<f${data.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': ${tuple}, }`
  // The header ends with a newline and its whole length is a multiple of 64.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10
  const header = Buffer.alloc(10)
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(length, 8)
  const text = `${dictionary.padEnd(length - 1)}\n`
  return Buffer.concat([
    header,
    Buffer.from(text, 'latin1'),
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ])
}
