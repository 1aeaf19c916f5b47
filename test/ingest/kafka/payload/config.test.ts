import { describe, expect, it } from 'vitest'
import { createChunkDecoder } from '../../../../src/ingest/kafka/payload/chunks.ts'
import { checkPayload, payloadSchema } from '../../../../src/ingest/kafka/payload/config.ts'
import { createFrameDecoder } from '../../../../src/ingest/kafka/payload/frames.ts'
import type { WindowSpec } from '../../../../src/ingest/source.ts'

const frames: WindowSpec = { shape: [16, 16], sampleRate: null, hop: 256 }
const sound: WindowSpec = { shape: [1000], sampleRate: 16000, hop: 1000 }

describe('checkPayload', () => {
  it.each([
    [frames, {}],
    [frames, { format: 'json', time_field: 't', shape: [256] }],
    [frames, { format: 'npy', time_header: 't' }],
    [sound, {}],
    [sound, { format: 's16le', channels: 2, channel: 1, sample_rate: 16000, sequence_header: 'n' }],
    [sound, { format: 'wav', channel: 5 }],
  ])('accepts what fits the model: %j %j', (spec, options) => {
    expect(() => checkPayload(payloadSchema.parse(options), spec)).not.toThrow()
  })

  it.each([
    [frames, { format: 's16le' }, 'format: s16le is sound'],
    [frames, { format: 'wav' }, 'format: wav is sound'],
    [frames, { sample_rate: 16000 }, 'sample_rate: belongs to sound'],
    [frames, { channel: 0 }, 'channel: belongs to sound'],
    [frames, { sequence_header: 'n' }, 'sequence_header: belongs to sound'],
    [frames, { time_field: 't' }, 'time_field: is for json'],
    [frames, { shape: [16, 15] }, "shape: [16, 15] are not as many values as the model's [16, 16]"],
    [sound, { format: 'u8' }, 'format: u8 is of detector frames'],
    [sound, { format: 'json' }, 'format: json is of detector frames'],
    [sound, { shape: [1000] }, 'shape: belongs to frames'],
    [sound, { format: 's16le', time_field: 't' }, 'time_field: is for json'],
    [sound, { channels: 2, channel: 2 }, 'channel: 2 of 2 channels, counted from 0'],
  ])('refuses what does not: %j %j', (spec, options, message) => {
    const payload = payloadSchema.parse(options)
    const error = expect.objectContaining({ code: 'AUSCULT_CONFIG', message: expect.stringContaining(message) })
    expect(() => checkPayload(payload, spec, 'sources.press.payload')).toThrow(
      expect.objectContaining({ at: 'sources.press.payload', remedy: expect.any(String) }),
    )
    expect(() => (spec === sound ? createChunkDecoder : createFrameDecoder)(payload, spec)).toThrow(error)
  })

  it('knows no other options', () => {
    expect(payloadSchema.safeParse({ frmat: 'npy' }).success).toBe(false)
    for (const option of Object.values(payloadSchema.shape)) expect(option.description).toMatch(/.{20}/)
  })
})
