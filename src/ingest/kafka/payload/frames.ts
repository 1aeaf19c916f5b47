import { AuscultError } from '../../../errors.ts'
import { memoryBytes } from '../../bytes.ts'
import { formatShape, sizeOfShape } from '../../frames.ts'
import { openNpy } from '../../npy.ts'
import { assertFinite, decodeNumbers, type NumberType } from '../../numbers.ts'
import type { WindowSpec } from '../../source.ts'
import { takeArray } from '../../window-arrays.ts'
import { checkPayload, type FrameFormat, type PayloadConfig } from './config.ts'
import { readJsonArray } from './json.ts'
import { bytesOf, headerOf, type PayloadMessage, parseTime } from './message.ts'

export interface DecodedFrames {
  /** One or more, row-major, each an array of its own. */
  readonly frames: Float32Array[]
  /** Time of the message as it or its header says, else Kafka's timestamp where it was given. */
  readonly time: number | undefined
}

/**
 * Makes the decoder of messages that hold detector frames: numbers, `.npy` or JSON of the shape of one frame or of
 * `[n, …shape]`. What it returns shares no memory with the message.
 *
 * The decoder throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE and AUSCULT_NON_FINITE.
 * @throws AUSCULT_CONFIG when the payload does not fit the model
 */
export function createFrameDecoder(
  payload: PayloadConfig,
  spec: WindowSpec,
): (message: PayloadMessage) => DecodedFrames {
  checkPayload(payload, spec)
  const shape = payload.shape ?? spec.shape
  const { time_header: header, time_field: field } = payload
  const decode = decoderOf(payload, shape)
  return message => {
    const { frames, time: written } = decode(bytesOf(message), message.at)
    for (const [n, frame] of frames.entries()) {
      assertFinite(frame, message.at, i => `value ${i}${frames.length > 1 ? ` of frame ${n}` : ''}`, REPAIR)
    }
    if (field !== null) return { frames, time: parseTime(written, message.at) }
    return { frames, time: header === null ? message.timestamp : parseTime(headerOf(message, header), message.at) }
  }
}

const REPAIR = 'Repair the producer; such messages are left out.'

type Decode = (value: Buffer, at: string) => { frames: Float32Array[]; time?: unknown }

function decoderOf(payload: PayloadConfig, shape: readonly number[]): Decode {
  const format = payload.format as FrameFormat
  if (format === 'npy') return (value, at) => ({ frames: npyFrames(value, shape, at) })
  if (format !== 'json') return (value, at) => ({ frames: rawFrames(value, format, shape, at) })
  return (value, at) => {
    const { values, time } = readJsonArray(value, shape, payload.json_field, payload.time_field, at)
    return { frames: split(values, sizeOfShape(shape)), time }
  }
}

const TYPES: Record<Exclude<FrameFormat, 'npy' | 'json'>, NumberType> = {
  f32le: { kind: 'f', width: 4, littleEndian: true },
  f64le: { kind: 'f', width: 8, littleEndian: true },
  u8: { kind: 'u', width: 1, littleEndian: true },
  u16le: { kind: 'u', width: 2, littleEndian: true },
  i16le: { kind: 'i', width: 2, littleEndian: true },
}

function rawFrames(value: Buffer, format: keyof typeof TYPES, shape: readonly number[], at: string): Float32Array[] {
  const type = TYPES[format]
  const frameBytes = sizeOfShape(shape) * type.width
  if (value.length % frameBytes !== 0) {
    const message = `${value.length} bytes are no whole number of ${format} frames of ${formatShape(shape)}`
    const remedy = `A frame takes ${frameBytes} bytes; check \`format\` and \`shape\` of \`payload\`.`
    throw new AuscultError('AUSCULT_INPUT_SHAPE', message, { at, remedy })
  }
  return Array.from({ length: value.length / frameBytes }, (_, i) =>
    decodeNumbers(value.subarray(i * frameBytes, (i + 1) * frameBytes), type, takeArray(sizeOfShape(shape))),
  )
}

function npyFrames(value: Buffer, shape: readonly number[], at: string): Float32Array[] {
  const { count, read } = openNpy(memoryBytes(at, value as Uint8Array<ArrayBuffer>), shape)
  return Array.from({ length: count }, (_, i) => read(i))
}

const split = (values: Float32Array, size: number): Float32Array[] =>
  values.length === size
    ? [values]
    : Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))
