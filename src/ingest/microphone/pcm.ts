/** Of 16-bit samples. */
const FULL_SCALE = 32768
/** Largest and smallest numbers, where a converter clips. */
const HIGHEST = 32767
const LOWEST = -32768

/**
 * Bytes of interleaved 16-bit samples, low byte first, to one channel of sound in [−1, 1). The bytes may come in pieces of any length: what is cut off
 * in the middle of a sample or of a frame of channels waits for the next piece.
 */
export class PcmDecoder {
  /** Channel to take, from 0; −1 for the mean. */
  readonly #take: number
  readonly #frame: number
  readonly #rest: Uint8Array
  #restLength = 0
  #samples = new Float32Array(0)
  #clipped = 0

  /** @param channel from 1 */
  constructor(channels: number, channel: number | 'mean') {
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
      this.#convert(this.#rest, 0, 0, 1)
      made = 1
    }
    this.#convert(bytes, at, made, frames)
    const end = at + (frames - made) * this.#frame
    this.#rest.set(bytes.subarray(end))
    this.#restLength = bytes.length - end
    return this.#samples.subarray(0, frames)
  }

  /** Makes samples `made … frames − 1` of the bytes from `at` on. */
  #convert(bytes: Uint8Array, at: number, made: number, frames: number): void {
    const samples = this.#samples
    const frame = this.#frame
    const from = 2 * Math.max(this.#take, 0)
    const to = this.#take < 0 ? frame : from + 2
    const scale = 2 / (to - from) / FULL_SCALE
    let clipped = 0
    for (let i = made, start = at; i < frames; i++, start += frame) {
      let sum = 0
      let clips = false
      for (let byte = start + from; byte < start + to; byte += 2) {
        const value = ((bytes[byte] | (bytes[byte + 1] << 8)) << 16) >> 16
        sum += value
        if (value === HIGHEST || value === LOWEST) clips = true
      }
      samples[i] = sum * scale
      if (clips) clipped++
    }
    this.#clipped += clipped
  }
}
