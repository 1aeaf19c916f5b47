/** Sample encodings that `encodeWav` writes. */
export type WavEncoding = 'float32' | 'int16'

const PCM = 1
const IEEE_FLOAT = 3

/**
 * A whole RIFF WAVE file. `int16` rounds to the nearest step of 1/32768 and clips.
 * @param samples one channel, or one array per channel (equal lengths)
 */
export function encodeWav(
  samples: Float32Array | readonly Float32Array[],
  sampleRate: number,
  encoding: WavEncoding = 'int16',
): Uint8Array {
  const channels = samples instanceof Float32Array ? [samples] : samples
  const frames = channels[0]?.length ?? 0
  if (channels.length === 0 || channels.some(channel => channel.length !== frames)) {
    throw new RangeError('encodeWav: one or more channels of equal length are needed')
  }
  const width = bytesPerSample(encoding)
  const dataBytes = frames * channels.length * width
  if (dataBytes + 36 > 0xffffffff) throw new RangeError('encodeWav: more than 4 GiB do not fit into one RIFF file')
  const bytes = new Uint8Array(WAV_HEADER_BYTES + dataBytes)
  bytes.set(wavHeader({ channels: channels.length, sampleRate, encoding, dataBytes }))
  const view = new DataView(bytes.buffer)
  let position = WAV_HEADER_BYTES
  for (let frame = 0; frame < frames; frame++) {
    for (const channel of channels) {
      if (encoding === 'float32') view.setFloat32(position, channel[frame], true)
      else view.setInt16(position, toInt16(channel[frame]), true)
      position += width
    }
  }
  return bytes
}

export const WAV_HEADER_BYTES = 44

/** In place of a length that is not known yet: the data runs to the end of the file. */
export const UNKNOWN_BYTES = 0xffffffff

export const bytesPerSample = (encoding: WavEncoding): number => (encoding === 'int16' ? 2 : 4)

/** The nearest step of 1/32768, clipped. */
export const toInt16 = (sample: number): number => Math.max(-32768, Math.min(32767, Math.round(sample * 32768)))

/** The 44 bytes before the samples of a RIFF WAVE file. */
export function wavHeader({
  channels,
  sampleRate,
  encoding,
  dataBytes,
}: {
  channels: number
  sampleRate: number
  encoding: WavEncoding
  dataBytes: number
}): Uint8Array {
  const width = bytesPerSample(encoding)
  const view = new DataView(new ArrayBuffer(WAV_HEADER_BYTES))
  const tag = (offset: number, text: string) => {
    for (let i = 0; i < 4; i++) view.setUint8(offset + i, text.charCodeAt(i))
  }
  tag(0, 'RIFF')
  view.setUint32(4, Math.min(UNKNOWN_BYTES, dataBytes + 36), true)
  tag(8, 'WAVE')
  tag(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, encoding === 'int16' ? PCM : IEEE_FLOAT, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * channels * width, true)
  view.setUint16(32, channels * width, true)
  view.setUint16(34, width * 8, true)
  tag(36, 'data')
  view.setUint32(40, dataBytes, true)
  return new Uint8Array(view.buffer)
}
