import { type MPEGDecodedAudio, MPEGDecoder } from 'mpg123-decoder'
import { messageOf } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { type Decoded, MAX_DECODED_SAMPLES, timeSlices, tooLong } from '../decoded/decoded.ts'
import { SampleBlocks } from '../decoded/sample-blocks.ts'
import { mpegInvalid, readMpegHeader } from './header.ts'

/** Bytes that are decoded at a time. */
const PIECE = 16384

/**
 * Decodes an mp3 file (mpg123; layers I and II too), mixed down to one channel, without the samples that the encoder added at both
 * ends where it says how many they are.
 * @throws AUSCULT_INPUT_INVALID with the byte position, also for fewer samples than the encoder counted. A file whose encoder counted
 *   none may be cut short without notice.
 */
export async function decodeMp3(file: ByteSource, limit = MAX_DECODED_SAMPLES): Promise<Decoded> {
  const { channels, samples: declared, tolerance, from, to } = readMpegHeader(file)
  const decoder = new MPEGDecoder()
  await decoder.ready
  const samples = new SampleBlocks()
  const breathe = timeSlices()
  let sampleRate = 0
  let damaged: number | undefined
  try {
    for (let position = from; position < to; position += PIECE) {
      const bytes = file.read(position, Math.min(PIECE, to - position))
      const decoded = decodePiece(decoder, bytes, file, position)
      if (decoded.errors.length > 0) damaged ??= position
      if (decoded.samplesDecoded > 0) {
        if (sampleRate !== 0 && decoded.sampleRate !== sampleRate) {
          throw mpegInvalid(file, position, `the sample rate changes from ${sampleRate} to ${decoded.sampleRate} Hz`)
        }
        sampleRate = decoded.sampleRate
        samples.appendMean(decoded.channelData.slice(0, channels))
      }
      if (samples.length > limit) throw tooLong(file, limit)
      await breathe()
    }
  } finally {
    decoder.free()
  }
  const missing = declared === undefined ? 0 : declared - tolerance - samples.length
  if (missing > 0) throw mpegInvalid(file, damaged ?? to, `damaged or truncated: ${missing} samples are missing`)
  if (damaged !== undefined && declared === undefined) throw mpegInvalid(file, damaged, 'the sound cannot be decoded')
  if (samples.length === 0) throw mpegInvalid(file, from, 'the file holds no samples')
  samples.truncate(samples.length)
  return { sampleRate, channels, samples }
}

function decodePiece(decoder: MPEGDecoder, bytes: Uint8Array, file: ByteSource, position: number): MPEGDecodedAudio {
  // The library prints what it also returns.
  const { error } = console
  console.error = () => {}
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw mpegInvalid(file, position, `the sound cannot be decoded: ${messageOf(cause)}`)
  } finally {
    console.error = error
  }
}
