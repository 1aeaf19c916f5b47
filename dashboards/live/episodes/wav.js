const PCM = 1
const FLOAT = 3

/**
 * Reads a wav file of one channel: 16 bits, or 32-bit float.
 * @param {ArrayBuffer} buffer
 * @returns {{ samples: Float32Array, sampleRate: number }} samples from -1 to 1
 * @throws Error when it is no such file
 */
export function readWav(buffer) {
  const view = new DataView(buffer)
  const tag = at => String.fromCharCode(...new Uint8Array(buffer, at, 4))
  if (buffer.byteLength < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('this is no wav file')
  let format
  for (let at = 12; at + 8 <= buffer.byteLength; ) {
    const size = view.getUint32(at + 4, true)
    if (tag(at) === 'fmt ') {
      const [kind, channels] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
      format = { kind, channels, sampleRate: view.getUint32(at + 12, true), bits: view.getUint16(at + 22, true) }
    }
    if (tag(at) === 'data' && format) {
      const bytes = Math.min(size, buffer.byteLength - at - 8)
      return { samples: decode(view, at + 8, bytes, format), sampleRate: format.sampleRate }
    }
    at += 8 + size + (size % 2)
  }
  throw new Error('the wav file holds no sound')
}

function decode(view, from, bytes, { kind, channels, bits }) {
  if (channels === 1 && kind === PCM && bits === 16) {
    return Float32Array.from({ length: bytes >> 1 }, (_, i) => view.getInt16(from + 2 * i, true) / 32768)
  }
  if (channels === 1 && kind === FLOAT && bits === 32) {
    return Float32Array.from({ length: bytes >> 2 }, (_, i) => view.getFloat32(from + 4 * i, true))
  }
  throw new Error(`wav of format ${kind}, ${channels} channels and ${bits} bits cannot be played`)
}

/** A 16-bit wav file of one channel; what is beyond full scale is cut off. @returns {Blob} */
export function writeWav(samples, sampleRate, gain = 1) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length))
  const text = (at, tag) => {
    for (let i = 0; i < tag.length; i++) view.setUint8(at + i, tag.charCodeAt(i))
  }
  text(0, 'RIFF')
  view.setUint32(4, 36 + 2 * samples.length, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, PCM, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, 2 * samples.length, true)
  samples.forEach((sample, i) => {
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(sample * gain * 32768))), true)
  })
  return new Blob([view.buffer], { type: 'audio/wav' })
}
