import { AuscultError } from '../errors.ts'

/** A machine type of numbers: float, signed or unsigned integer of `width` bytes. */
export interface NumberType {
  readonly kind: 'f' | 'i' | 'u'
  readonly width: 1 | 2 | 3 | 4 | 8
  readonly littleEndian: boolean
}

type Getter = (view: DataView, offset: number, littleEndian: boolean) => number

const GETTERS: Record<string, Getter> = {
  f4: (view, offset, le) => view.getFloat32(offset, le),
  f8: (view, offset, le) => view.getFloat64(offset, le),
  i1: (view, offset) => view.getInt8(offset),
  i2: (view, offset, le) => view.getInt16(offset, le),
  i3: (view, offset, le) =>
    le
      ? view.getUint16(offset, true) | (view.getInt8(offset + 2) << 16)
      : view.getUint16(offset + 1, false) | (view.getInt8(offset) << 16),
  i4: (view, offset, le) => view.getInt32(offset, le),
  i8: (view, offset, le) => Number(view.getBigInt64(offset, le)),
  u1: (view, offset) => view.getUint8(offset),
  u2: (view, offset, le) => view.getUint16(offset, le),
  u4: (view, offset, le) => view.getUint32(offset, le),
  u8: (view, offset, le) => Number(view.getBigUint64(offset, le)),
}

/** Typed arrays convert some ten times as fast as a DataView, where their byte order is the machine's; unaligned bytes are copied first. */
const VIEWS: Record<string, new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayLike<number>> = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
}

const LITTLE_ENDIAN_MACHINE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

export const isSupported = ({ kind, width }: Pick<NumberType, 'kind' | 'width'>): boolean =>
  `${kind}${width}` in GETTERS

/**
 * Decodes all whole numbers of `bytes` to float32, the nearest representable value: integers beyond ±2^24 are rounded,
 * and float64 beyond float32's range becomes infinite.
 * @param numbers of as many values, written and returned
 */
export function decodeNumbers(
  bytes: Uint8Array,
  type: NumberType,
  numbers: Float32Array = new Float32Array(Math.floor(bytes.length / type.width)),
): Float32Array {
  const name = `${type.kind}${type.width}`
  const View = VIEWS[name]
  if (View && type.littleEndian === LITTLE_ENDIAN_MACHINE) {
    if (name === 'f4') {
      new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).set(bytes.subarray(0, numbers.byteLength))
      return numbers
    }
    const aligned = bytes.byteOffset % type.width === 0 ? bytes : new Uint8Array(bytes)
    numbers.set(new View(aligned.buffer, aligned.byteOffset, numbers.length))
    return numbers
  }
  const get = GETTERS[name]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0, offset = 0; i < numbers.length; i++, offset += type.width) {
    numbers[i] = get(view, offset, type.littleEndian)
  }
  return numbers
}

/**
 * @param describe names the place of value `i`
 * @throws AUSCULT_NON_FINITE at the first NaN or infinite value
 */
export function assertFinite(
  values: Float32Array,
  at: string,
  describe: (i: number) => string,
  remedy = 'Repair or leave out this recording.',
): void {
  // Anything but a finite number times zero is NaN, and stays NaN in a sum: no branch for each value.
  // Four sums at a time, because each addition waits for the one before.
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = values.length & ~3
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * 0
    b += values[i + 1] * 0
    c += values[i + 2] * 0
    d += values[i + 3] * 0
  }
  for (let i = whole; i < values.length; i++) a += values[i] * 0
  if (a + b + c + d === 0) return
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue
    throw new AuscultError('AUSCULT_NON_FINITE', `${describe(i)} is ${Number.isNaN(values[i]) ? 'NaN' : 'infinite'}`, {
      at,
      remedy,
    })
  }
}
