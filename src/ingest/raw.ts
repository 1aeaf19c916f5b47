import { AuscultError } from '../errors.ts'
import type { ByteSource } from './bytes.ts'
import type { RawDtype } from './format.ts'
import { type Frames, formatShape, sizeOfShape } from './frames.ts'
import { decodeNumbers, type NumberType } from './numbers.ts'

const TYPES: Record<RawDtype, NumberType> = {
  f32le: { kind: 'f', width: 4, littleEndian: true },
  f64le: { kind: 'f', width: 8, littleEndian: true },
  u8: { kind: 'u', width: 1, littleEndian: true },
  u16le: { kind: 'u', width: 2, littleEndian: true },
  i16le: { kind: 'i', width: 2, littleEndian: true },
  i32le: { kind: 'i', width: 4, littleEndian: true },
}

/**
 * A file of nothing but numbers: k × product(shape) of them are k frames, row-major, read from disk one by one.
 * @throws AUSCULT_INPUT_INVALID when empty, AUSCULT_INPUT_SHAPE when it is no whole number of frames
 */
export function openRaw(file: ByteSource, dtype: RawDtype, shape: readonly number[]): Frames {
  if (file.size === 0) {
    throw new AuscultError('AUSCULT_INPUT_INVALID', 'the file is empty', { at: file.name, remedy: 'Leave it out.' })
  }
  const type = TYPES[dtype]
  const frameBytes = sizeOfShape(shape) * type.width
  if (file.size % frameBytes !== 0) {
    const message = `${file.size} bytes are no whole number of ${dtype} frames of ${formatShape(shape)}`
    throw new AuscultError('AUSCULT_INPUT_SHAPE', message, {
      at: file.name,
      remedy: `A frame takes ${frameBytes} bytes; check \`dtype\` and \`shape\`, and whether the file is whole.`,
    })
  }
  const read = (i: number) => decodeNumbers(file.read(i * frameBytes, frameBytes), type)
  return { count: file.size / frameBytes, shape, read }
}
