import { isPowerOfTwo } from '../fft.ts'
import { copyPadded, frameCount, hannWindow, paddingOf } from '../framing.ts'
import { referDecibel } from '../power-to-db.ts'
import type { Spectrogram, SpectrogramOptions } from '../spectrogram.ts'
import { assemble, FunctionBuilder } from './assembler.ts'
import { laneDecibel } from './decibel.ts'
import { f32x4, v128 } from './instructions.ts'
import { lanePower, mirrorTable, splitTwiddles } from './power.ts'
import { copyBins, filterTable, melBands } from './project.ts'
import { instantiate, validates } from './runtime.ts'
import { laneTransform, passTwiddles } from './transform.ts'

const LANES = 4
/** Frames per copy into the module's memory: the samples that frames share are copied once, and all stays in the cache. */
const BLOCK_FRAMES = 32
const MIN_N_FFT = 16
const MAX_BLOCK_BYTES = 2 ** 28

/** Whether `laneSpectrogram` can do this: a power of two, of a usual size, on a machine with vector instructions. */
export function lanesFit({ nFft, hopLength }: SpectrogramOptions): boolean {
  const bytes = 4 * (BLOCK_FRAMES * hopLength + 8 * nFft)
  return isPowerOfTwo(nFft) && nFft >= MIN_N_FFT && bytes <= MAX_BLOCK_BYTES && simd()
}

let simdKnown: boolean | undefined

function simd(): boolean {
  if (simdKnown === undefined) {
    const probe = new FunctionBuilder('probe', 1)
    probe.emit(v128.store(probe.parameters[0].value, f32x4.splat(1)))
    simdKnown = validates(assemble(1, [probe]))
  }
  return simdKnown
}

/**
 * Four frames at a time in float32, one in each lane of a 128-bit vector, by kernels that are assembled for these options.
 * Not reentrant: an instance has one memory.
 */
export function laneSpectrogram(options: SpectrogramOptions): Spectrogram {
  const { nFft, hopLength, padMode, mel, decibel } = options
  const half = nFft / 2
  const bins = mel ? mel.nMels : half + 1
  const layout = new Layout()
  const window = hannWindow(options).map(w => w / 2)
  const windowAt = layout.floats(window)
  const passTwiddlesAt = layout.floats(passTwiddles(half))
  const splitTwiddlesAt = layout.floats(splitTwiddles(half))
  const complexAt = layout.reserve(half * 32)
  const mirrorsAt = layout.integers(mirrorTable(half, complexAt))
  const powerAt = layout.reserve((half + 1) * 16)
  const samplesAt = layout.reserve(((BLOCK_FRAMES - 1) * hopLength + nFft) * 4)
  const rowsAt = layout.reserve(BLOCK_FRAMES * bins * 4)
  const functions = [
    laneTransform({ half, complex: complexAt, twiddles: passTwiddlesAt, window: windowAt, hopBytes: hopLength * 4 }),
    lanePower({ half, mirrors: mirrorsAt, twiddles: splitTwiddlesAt, power: options.power }),
    mel
      ? melBands({
          nMels: bins,
          table: layout.integers(filterTable(mel, powerAt)),
          weights: layout.floats(mel.weights),
        })
      : copyBins({ from: powerAt, bins }),
    ...(decibel ? [laneDecibel(decibel.amin)] : []),
  ]
  const { memory, call } = instantiate(assemble(layout.pages, functions))
  layout.write(memory)
  const samples = new Float32Array(memory, samplesAt, (BLOCK_FRAMES - 1) * hopLength + nFft)
  const rows = new Float32Array(memory, rowsAt, BLOCK_FRAMES * bins)

  return {
    bins,
    compute(signal, out, offset) {
      const frames = frameCount(signal.length, options)
      for (let first = 0; first < frames; first += BLOCK_FRAMES) {
        const count = Math.min(BLOCK_FRAMES, frames - first)
        const position = first * hopLength - paddingOf(options)
        copyPadded(signal, position, (count - 1) * hopLength + nFft, padMode, samples)
        for (let frame = 0; frame < count; frame += LANES) {
          for (let pair = 0; pair < LANES; pair += 2) {
            call.transform(samplesAt + (frame + pair) * hopLength * 4)
            call.power(powerAt + pair * 4)
          }
          call.project(rowsAt + frame * bins * 4)
        }
        const end = Math.ceil((count * bins) / LANES) * LANES
        if (decibel) call.decibel(rowsAt, rowsAt + end * 4)
        out.set(rows.subarray(0, count * bins), offset + first * bins)
      }
      if (decibel) referDecibel(out, decibel, offset, offset + frames * bins)
    },
  }
}

type Numbers = Float32Array | Float64Array | Int32Array

/** Hands out addresses in the module's memory, each a multiple of 64 so that no vector straddles a cache line. */
class Layout {
  #size = 64
  readonly #contents: { address: number; values: Numbers }[] = []

  reserve(bytes: number): number {
    const address = this.#size
    this.#size += Math.ceil(bytes / 64) * 64
    return address
  }

  floats(values: Float32Array | Float64Array): number {
    return this.#put(values)
  }

  integers(values: Int32Array): number {
    return this.#put(values)
  }

  get pages(): number {
    return Math.ceil(this.#size / 65536)
  }

  write(memory: ArrayBuffer): void {
    for (const { address, values } of this.#contents) {
      new Uint8Array(memory, address).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  }

  #put(values: Numbers): number {
    const address = this.reserve(values.byteLength)
    this.#contents.push({ address, values })
    return address
  }
}
