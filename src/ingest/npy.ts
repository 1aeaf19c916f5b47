import { AuscultError } from '../errors.ts'
import type { ByteSource } from './bytes.ts'
import { type Frames, sizeOfShape, splitIntoFrames } from './frames.ts'
import { decodeNumbers, isSupported, type NumberType } from './numbers.ts'

const MAGIC = '\x93NUMPY'

export interface NpyHeader {
  readonly type: NumberType
  readonly fortranOrder: boolean
  /** As in numpy; `[]` is a scalar. */
  readonly shape: readonly number[]
  /** Position of the first value in the file. */
  readonly dataOffset: number
}

/**
 * Reads the header of a .npy file (versions 1.0, 2.0 and 3.0 of numpy.lib.format).
 * @throws AUSCULT_INPUT_INVALID for anything but floats of 4 and 8 bytes, integers of 1, 2, 4 and 8, and booleans; and when values are missing
 */
export function readNpyHeader(file: ByteSource): NpyHeader {
  if (file.size < 10) throw invalid(file, 0, file.size === 0 ? 'the file is empty' : 'too short for a .npy file')
  const start = file.read(0, Math.min(12, file.size))
  if (String.fromCharCode(...start.subarray(0, 6)) !== MAGIC)
    throw invalid(file, 0, 'not a .npy file: no \\x93NUMPY tag')
  const version = start[6]
  if (version < 1 || version > 3) throw invalid(file, 6, `.npy version ${version} is not supported`)
  const wide = version > 1
  if (wide && start.length < 12) throw invalid(file, 8, 'the header is cut short')
  const view = new DataView(start.buffer, start.byteOffset)
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const body = wide ? 12 : 10
  if (body + length > file.size) throw invalid(file, body, 'the header is cut short')
  const text = new TextDecoder().decode(file.read(body, length))
  const dataOffset = body + length
  const header = { ...parseDictionary(file, body, text), dataOffset }
  const missing = dataOffset + sizeOfShape(header.shape) * header.type.width - file.size
  if (missing > 0) throw invalid(file, file.size, `truncated: ${missing} bytes of values are missing`)
  return header
}

function parseDictionary(file: ByteSource, at: number, text: string): Omit<NpyHeader, 'dataOffset'> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1]
  if (shape === undefined || order === undefined) throw invalid(file, at, 'the header is not that of a plain array')
  const type = parseDescr(descr)
  if (!type) {
    const name = descr === undefined ? 'a structured type' : `type ${JSON.stringify(descr)}`
    throw invalid(file, at, `${name} is not supported`, 'Save it as float32: np.save(path, array.astype(np.float32)).')
  }
  const sizes = shape
    .split(',')
    .map(n => n.trim())
    .filter(Boolean)
    .map(Number)
  if (!sizes.every(Number.isSafeInteger) || !Number.isSafeInteger(sizeOfShape(sizes) * 8)) {
    throw invalid(file, at, `shape (${shape}) is too large`)
  }
  return { type, fortranOrder: order === 'True', shape: sizes }
}

function parseDescr(descr = ''): NumberType | undefined {
  const [, order, code, digits] = /^([<>|=])([fiub])(\d)$/.exec(descr) ?? []
  if (!order) return undefined
  const kind = code === 'b' ? 'u' : (code as NumberType['kind'])
  const type = { kind, width: Number(digits) as NumberType['width'], littleEndian: order !== '>' }
  return type.width !== 3 && isSupported(type) ? type : undefined
}

/**
 * An array as frames, read from disk one by one. An array of several frames in Fortran order lies scattered over its file and is
 * read whole, once.
 * @throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE
 */
export function openNpy(file: ByteSource, declared?: readonly number[]): Frames {
  const header = readNpyHeader(file)
  const whole = header.shape.length === 0 ? [1] : header.shape
  const { count, shape } = splitIntoFrames(whole, declared, file.name)
  const size = sizeOfShape(shape)
  if (count * size === 0) throw invalid(file, header.dataOffset, 'the array is empty')
  const { type, dataOffset } = header
  const values = (position: number, n: number) =>
    decodeNumbers(file.read(dataOffset + position * type.width, n * type.width), type)
  if (!header.fortranOrder || whole.length < 2) return { count, shape, read: i => values(i * size, size) }
  let rowMajor: Float32Array | undefined
  const read = (i: number) => {
    rowMajor ??= toRowMajor(values(0, count * size), whole)
    return rowMajor.slice(i * size, (i + 1) * size)
  }
  return { count, shape, read }
}

/** Column-major (Fortran) to row-major (C). */
function toRowMajor(values: Float32Array, shape: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOfShape(shape.slice(0, axis)))
  const index = new Array<number>(shape.length).fill(0)
  const result = new Float32Array(values.length)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++index[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return result
}

const invalid = (file: ByteSource, byte: number, message: string, remedy = 'Write it again with np.save.') =>
  new AuscultError('AUSCULT_INPUT_INVALID', message, { at: `${file.name}:${byte}`, remedy })
