/** 16-bit samples have this full scale. */
const SCALE = 32768
/** Largest and smallest numbers, where a converter clips. */
const HIGHEST = 32767
const LOWEST = -32768

/**
 * Bytes of interleaved 16-bit samples, low byte first, to one channel of sound in [−1, 1). The bytes may come in pieces of any length: what is cut off
 * in the middle of a sample or of a frame of channels waits for the next piece.
 */
export class PcmDecoder {
  readonly #channels: number
  /** Channel to take, from 0; −1 for the mean. */
  readonly #take: number
  readonly #frame: number
  readonly #rest: Uint8Array
  #restLength = 0
  #samples = new Float32Array(0)
  #clipped = 0

  /** @param channel from 1 */
  constructor(channels: number, channel: number | 'mean') {
    this.#channels = channels
    this.#take = channel === 'mean' ? -1 : channel - 1
    this.#frame = 2 * channels
    this.#rest = new Uint8Array(this.#frame)
  }

  /** Samples of the last piece at full scale, in any channel that is listened to. */
  get clipped(): number {
    return this.#clipped
  }

  /** The samples that a piece completes. The array is overwritten by the next call. */
  decode(bytes: Uint8Array): Float32Array {
    const frames = Math.floor((this.#restLength + bytes.length) / this.#frame)
    if (this.#samples.length < frames) this.#samples = new Float32Array(frames)
    this.#clipped = 0
    let at = 0
    let made = 0
    if (this.#restLength > 0) {
      at = Math.min(bytes.length, this.#frame - this.#restLength)
      this.#rest.set(bytes.subarray(0, at), this.#restLength)
      this.#restLength += at
      if (this.#restLength < this.#frame) return this.#samples.subarray(0, 0)
      this.#samples[made++] = this.#sample(this.#rest, 0)
    }
    for (; made < frames; at += this.#frame) this.#samples[made++] = this.#sample(bytes, at)
    this.#rest.set(bytes.subarray(at))
    this.#restLength = bytes.length - at
    return this.#samples.subarray(0, frames)
  }

  /** One sample of the frame at `at`. */
  #sample(bytes: Uint8Array, at: number): number {
    const from = Math.max(this.#take, 0)
    const to = this.#take < 0 ? this.#channels : this.#take + 1
    let sum = 0
    let clips = false
    for (let channel = from; channel < to; channel++) {
      const value = ((bytes[at + 2 * channel] | (bytes[at + 2 * channel + 1] << 8)) << 16) >> 16
      sum += value
      clips ||= value === HIGHEST || value === LOWEST
    }
    if (clips) this.#clipped++
    return sum / (to - from) / SCALE
  }
}
