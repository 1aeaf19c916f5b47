import { sizeOfShape } from '../frames.ts'
import { bytesPerSample, toInt16, UNKNOWN_BYTES, WAV_HEADER_BYTES, type WavEncoding, wavHeader } from '../wav-encode.ts'

/** How windows become bytes of a file, and what stands before them. */
export interface Encoding {
  /** With the dot. */
  readonly extension: string
  readonly headerBytes: number
  /** Of one sample, or one frame. */
  readonly itemBytes: number
  /** @param items how many samples or frames follow; undefined while that is not known: the file can then be read all the same, or recovered */
  header(items: number | undefined): Uint8Array
  encode(values: Float32Array): Uint8Array
}

/** Sound of one channel as wav. */
export function wavEncoding(sampleRate: number, encoding: WavEncoding): Encoding {
  const itemBytes = bytesPerSample(encoding)
  return {
    extension: '.wav',
    headerBytes: WAV_HEADER_BYTES,
    itemBytes,
    header: items =>
      wavHeader({
        channels: 1,
        sampleRate,
        encoding,
        dataBytes: items === undefined ? UNKNOWN_BYTES : items * itemBytes,
      }),
    encode: values => {
      const data = encoding === 'int16' ? Int16Array.from(values, toInt16) : values
      return littleEndian(data)
    },
  }
}

const NPY_HEADER_BYTES = 128
export const LONGEST_HEADER = NPY_HEADER_BYTES

/** Frames as one float32 array `[n, …shape]` in numpy's format 1.0. */
export function npyEncoding(shape: readonly number[]): Encoding {
  return {
    extension: '.npy',
    headerBytes: NPY_HEADER_BYTES,
    itemBytes: 4 * sizeOfShape(shape),
    header: (items = 0) => {
      const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${[items, ...shape].join(', ')}), }`
      const header = new Uint8Array(NPY_HEADER_BYTES).fill(0x20)
      header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, NPY_HEADER_BYTES - 10, 0])
      header.set(new TextEncoder().encode(dictionary), 10)
      header[NPY_HEADER_BYTES - 1] = 0x0a
      return header
    },
    encode: littleEndian,
  }
}

/** How a file was written that begins with one of the headers above. */
export function encodingOf(start: Uint8Array): Encoding | undefined {
  const text = String.fromCharCode(...start)
  if (text.startsWith('RIFF') && start.length >= WAV_HEADER_BYTES) {
    const view = new DataView(start.buffer, start.byteOffset)
    return wavEncoding(view.getUint32(24, true), view.getUint16(34, true) === 16 ? 'int16' : 'float32')
  }
  const [, shape] = /NUMPY.*'shape': \(\d+, ([\d, ]+)\)/s.exec(text) ?? []
  return shape ? npyEncoding(shape.split(',').map(Number)) : undefined
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** A copy of the values' bytes. */
function littleEndian(values: Float32Array | Int16Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice()
  if (IS_LITTLE_ENDIAN) return bytes
  return values.BYTES_PER_ELEMENT === 2 ? Buffer.from(bytes.buffer).swap16() : Buffer.from(bytes.buffer).swap32()
}
