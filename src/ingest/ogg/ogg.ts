import { AuscultError, messageOf } from '../../errors.ts'
import type { ByteSource } from '../bytes.ts'
import { type Decoded, MAX_DECODED_SAMPLES, timeSlices, tooLong } from '../decoded/decoded.ts'
import { SampleBlocks } from '../decoded/sample-blocks.ts'
import { createOggCodec, type PacketDecoder } from './codecs.ts'
import { type OggPacket, oggInvalid, oggPackets } from './pages.ts'

/** How a stream begins, by what its first packet begins with. */
const CODECS = {
  vorbis: { magic: '\x01vorbis', headers: 3 },
  opus: { magic: 'OpusHead', headers: 2 },
} as const

/** Opus is decoded at 48 kHz, whatever the rate before it was encoded. */
const OPUS_RATE = 48_000

/**
 * Decodes an Ogg file with Vorbis (libvorbis) or Opus (libopus) sound, mixed down to one channel. Its length is what the stream
 * declares: what a codec gives before its first and after its last sample is cut off.
 * @throws AUSCULT_INPUT_INVALID with the byte position
 */
export async function decodeOgg(file: ByteSource, limit = MAX_DECODED_SAMPLES): Promise<Decoded> {
  if (file.size === 0) throw oggInvalid(file, 0, 'the file is empty')
  const packets = oggPackets(file)
  const first = packets.next().value
  if (!first) throw oggInvalid(file, 0, 'the stream has no packets')
  const { name, channels, sampleRate, skipped } = identify(file, first)
  const decoder = await createOggCodec(name)
  const at = <T>(packet: OggPacket, work: () => T): T => attempt(file, packet, work)
  at(first, () => decoder.header(first.bytes))
  for (let i = 1; i < CODECS[name].headers; i++) {
    const header = packets.next().value
    if (!header) throw oggInvalid(file, file.size, 'the headers are not complete')
    at(header, () => decoder.header(header.bytes))
  }
  const samples = new SampleBlocks()
  await decodePackets(file, packets, decoder, samples, { skipped, limit })
  if (samples.length === 0) throw oggInvalid(file, file.size, 'the file holds no samples')
  return { sampleRate, channels, samples }
}

/** @param skipped samples that the stream counts but the decoder leaves out before the first */
async function decodePackets(
  file: ByteSource,
  packets: Iterable<OggPacket>,
  decoder: PacketDecoder,
  samples: SampleBlocks,
  { skipped, limit }: { skipped: number; limit: number },
): Promise<void> {
  const breathe = timeSlices()
  let origin: number | undefined
  for (const packet of packets) {
    const channels = attempt(file, packet, () => decoder.packet(packet.bytes))
    if (channels?.[0]?.length) samples.appendMean(channels)
    if (samples.length > limit) throw tooLong(file, limit)
    if (packet.granule !== undefined) {
      // A stream may be cut from a longer one; then its first page tells where it begins.
      origin ??= packet.last ? 0 : Math.max(0, packet.granule - skipped - samples.length)
      if (packet.last) samples.truncate(Math.max(0, packet.granule - origin - skipped))
    }
    await breathe()
  }
}

interface Identity {
  readonly name: keyof typeof CODECS
  readonly channels: number
  readonly sampleRate: number
  /** Samples that the stream counts but the decoder leaves out before the first. */
  readonly skipped: number
}

function identify(file: ByteSource, { bytes }: OggPacket): Identity {
  const magic = String.fromCharCode(...bytes.subarray(0, 8))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (magic.startsWith(CODECS.vorbis.magic) && bytes.length >= 16 && view.getUint32(12, true) > 0) {
    return { name: 'vorbis', channels: bytes[11], sampleRate: view.getUint32(12, true), skipped: 0 }
  }
  if (magic === CODECS.opus.magic && bytes.length >= 12) {
    return { name: 'opus', channels: bytes[9], sampleRate: OPUS_RATE, skipped: view.getUint16(10, true) }
  }
  const what = /FLAC/.test(magic) ? 'FLAC in Ogg' : /Speex/.test(magic) ? 'Speex' : 'this codec'
  throw oggInvalid(file, 0, `${what} is not supported`, 'Convert it to .flac or .wav; Vorbis and Opus can be read.')
}

function attempt<T>(file: ByteSource, { position }: OggPacket, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof AuscultError) throw cause
    throw oggInvalid(file, position, `the sound cannot be decoded: ${messageOf(cause)}`)
  }
}
