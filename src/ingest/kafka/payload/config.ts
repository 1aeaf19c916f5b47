import { z } from '../../../config.ts'
import { AuscultError } from '../../../errors.ts'
import { formatShape, sizeOfShape } from '../../frames.ts'
import type { WindowSpec } from '../../source.ts'

export const FRAME_FORMATS = ['f32le', 'f64le', 'u8', 'u16le', 'i16le', 'npy', 'json'] as const
export const CHUNK_FORMATS = ['s16le', 'f32le', 'wav'] as const
export type FrameFormat = (typeof FRAME_FORMATS)[number]
export type ChunkFormat = (typeof CHUNK_FORMATS)[number]

/** Option `payload` of a kafka source: what the value of a message is. Whether that is sound or frames follows from the model. */
export const payloadSchema = z.strictObject({
  format: z
    .enum(['f32le', 'f64le', 'u8', 'u16le', 'i16le', 's16le', 'npy', 'json', 'wav'])
    .default('f32le')
    .describe(
      'Encoding of a message. Detector frames: f32le, f64le, u8, u16le, i16le (one or more whole frames), npy, json; sound: s16le, f32le (interleaved channels), wav',
    ),
  shape: z
    .array(z.number().int().positive())
    .min(1)
    .optional()
    .describe("Shape of a frame in the messages; the model's when left out, and of as many values"),
  json_field: z
    .string()
    .min(1)
    .default('data')
    .describe('json: the field that holds the array, where a message is an object'),
  sample_rate: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      "Sound: samples per second in the messages, resampled where the model's differ; the model's when left out; wav messages of another rate are refused",
    ),
  channels: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Sound: interleaved channels of s16le and f32le; wav says it itself'),
  channel: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .default(null)
    .describe('Sound: the channel to listen to, counted from 0; null: the mean of all'),
  time_field: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'json: the field with the time of a message, as milliseconds since 1970 or ISO 8601 with a zone; null: see time_header',
    ),
  time_header: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("The header with the time of a message's first sample, in the same forms; null: Kafka's timestamp"),
  timestamp_of: z
    .enum(['start', 'end'])
    .default('end')
    .describe(
      "Sound: whether Kafka's timestamp is the time of a message's first sample, or of its end, when a producer sends it",
    ),
  sequence_header: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Sound: the header with the number of a message within its key, an integer that grows by 1; null: gaps are seen by time',
    ),
  gap_seconds: z
    .number()
    .positive()
    .default(0.5)
    .describe(
      'Sound without numbers: a message whose time is further than this from where the sound before it ended begins anew',
    ),
  idle_seconds: z
    .number()
    .positive()
    .default(60)
    .describe('Sound: a key that says nothing for so long begins anew; what it left of an unfinished window is let go'),
})

export type PayloadConfig = z.infer<typeof payloadSchema>

/**
 * Checks that the payload can be what the model wants. Touches nothing.
 * @param at names the options in errors, e.g. `sources.press.payload`
 * @throws AUSCULT_CONFIG
 */
export function checkPayload(payload: PayloadConfig, spec: WindowSpec, at = 'payload'): void {
  const problem = spec.sampleRate === null ? problemOfFrames(payload, spec) : problemOfChunks(payload)
  if (problem) throw new AuscultError('AUSCULT_CONFIG', problem.message, { at, remedy: problem.remedy })
}

interface Problem {
  readonly message: string
  readonly remedy: string
}

function problemOfFrames(payload: PayloadConfig, spec: WindowSpec): Problem | undefined {
  const { format, shape } = payload
  if (!isFrameFormat(format)) {
    const message = `format: ${format} is sound, the model wants frames of ${formatShape(spec.shape)}`
    return { message, remedy: `Choose one of ${FRAME_FORMATS.join(', ')}.` }
  }
  const sound = given(payload, ['sample_rate', 'channel', 'sequence_header'])
  if (sound) return { message: `${sound}: belongs to sound, the model wants frames`, remedy: 'Leave it out.' }
  if (payload.time_field !== null && format !== 'json') return timeFieldWithoutJson
  if (shape && sizeOfShape(shape) !== sizeOfShape(spec.shape)) {
    const message = `shape: ${formatShape(shape)} are not as many values as the model's ${formatShape(spec.shape)}`
    return { message, remedy: "Leave it out, or write the model's shape in another way." }
  }
  return undefined
}

function problemOfChunks(payload: PayloadConfig): Problem | undefined {
  const { format, channels, channel } = payload
  if (!isChunkFormat(format)) {
    return {
      message: `format: ${format} is of detector frames, the model listens to sound`,
      remedy: `Choose one of ${CHUNK_FORMATS.join(', ')}.`,
    }
  }
  if (payload.shape) return { message: 'shape: belongs to frames, the model listens to sound', remedy: 'Leave it out.' }
  if (payload.time_field !== null) return timeFieldWithoutJson
  if (format !== 'wav' && channel !== null && channel >= channels) {
    return { message: `channel: ${channel} of ${channels} channels, counted from 0`, remedy: 'Correct one of the two.' }
  }
  return undefined
}

const timeFieldWithoutJson: Problem = { message: 'time_field: is for json', remedy: 'Use time_header.' }

const given = (payload: PayloadConfig, options: readonly (keyof PayloadConfig)[]) =>
  options.find(option => payload[option] !== null && payload[option] !== undefined)

export const isFrameFormat = (format: string): format is FrameFormat =>
  (FRAME_FORMATS as readonly string[]).includes(format)

export const isChunkFormat = (format: string): format is ChunkFormat =>
  (CHUNK_FORMATS as readonly string[]).includes(format)
