import { AuscultError } from '../../../errors.ts'
import { memoryBytes } from '../../bytes.ts'
import { assertFinite, decodeNumbers, type NumberType } from '../../numbers.ts'
import type { WindowSpec } from '../../source.ts'
import { readWavHeader } from '../../wav-header.ts'
import { checkPayload, type PayloadConfig } from './config.ts'
import { bytesOf, headerOf, invalid, type PayloadMessage, parseTime } from './message.ts'
import { toMono } from './mono.ts'

export interface DecodedChunk {
  /** One channel at the rate of the messages, in [−1, 1) for integers. Shares no memory with the message. */
  readonly samples: Float32Array
  /** Time of the first sample, ms since the epoch; undefined where neither a header nor Kafka says it. */
  readonly time: number | undefined
  /** The number of the message within its key, where `sequence_header` is set. */
  readonly sequence: number | undefined
}

/**
 * Makes the decoder of messages that hold a stretch of sound. Integers are scaled as in wav files, channels are mixed by their mean.
 *
 * The decoder throws AUSCULT_INPUT_INVALID, AUSCULT_INPUT_SHAPE, AUSCULT_INPUT_RATE and AUSCULT_NON_FINITE.
 * @throws AUSCULT_CONFIG when the payload does not fit the model
 */
export function createChunkDecoder(
  payload: PayloadConfig,
  spec: WindowSpec,
): (message: PayloadMessage) => DecodedChunk {
  checkPayload(payload, spec)
  const sampleRate = payload.sample_rate ?? (spec.sampleRate as number)
  const { time_header: timeHeader, sequence_header: sequenceHeader, timestamp_of: timestampOf } = payload
  return message => {
    const { at, timestamp } = message
    const value = bytesOf(message)
    const samples =
      payload.format === 'wav' ? wavSamples(value, payload, sampleRate, at) : rawSamples(value, payload, at)
    assertFinite(samples, at, i => `sample ${i}`, 'Repair the producer; such messages are left out.')
    const span = timestampOf === 'end' ? (samples.length / sampleRate) * 1000 : 0
    const stamped = timestamp === undefined ? undefined : timestamp - span
    const time = timeHeader === null ? stamped : parseTime(headerOf(message, timeHeader), at)
    const sequence = sequenceHeader === null ? undefined : parseSequence(headerOf(message, sequenceHeader), at)
    return { samples, time, sequence }
  }
}

const RAW_TYPES: Record<string, NumberType> = {
  s16le: { kind: 'i', width: 2, littleEndian: true },
  f32le: { kind: 'f', width: 4, littleEndian: true },
}

function rawSamples(value: Buffer, { format, channels, channel }: PayloadConfig, at: string): Float32Array {
  const type = RAW_TYPES[format]
  if (value.length % (type.width * channels) !== 0) {
    const message = `${value.length} bytes are no whole number of ${format} samples of ${channels} channels`
    const remedy = 'Check `format` and `channels` of `payload`, and whether the producer cuts between samples.'
    throw new AuscultError('AUSCULT_INPUT_SHAPE', message, { at, remedy })
  }
  return toMono(decodeNumbers(value, type), type, channels, channel)
}

function wavSamples(value: Buffer, { channel }: PayloadConfig, sampleRate: number, at: string): Float32Array {
  const header = readWavHeader(memoryBytes(at, value as Uint8Array<ArrayBuffer>))
  const { type, channels, dataOffset, frames, frameBytes } = header
  if (header.sampleRate !== sampleRate) {
    throw new AuscultError('AUSCULT_INPUT_RATE', `sound at ${header.sampleRate} Hz instead of ${sampleRate} Hz`, {
      at,
      remedy: 'Send at one rate, and name it in `sample_rate` of `payload` where it is not that of the model.',
    })
  }
  if (channel !== null && channel >= channels) {
    throw invalid(at, `there is no channel ${channel}: ${channels} channels, counted from 0`)
  }
  return toMono(
    decodeNumbers(value.subarray(dataOffset, dataOffset + frames * frameBytes), type),
    type,
    channels,
    channel,
  )
}

function parseSequence(text: string, at: string): number {
  const sequence = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(sequence)) return sequence
  throw invalid(
    at,
    `${JSON.stringify(text.slice(0, 40))} is no number of a message`,
    'Send a whole number from 0 on, in decimal.',
  )
}
