import { checkFinite } from '../check.ts'
import { isPowerOfTwo } from '../fft.ts'
import { copyPadded, frameCount, hannWindow, paddingOf } from '../framing.ts'
import { decibelLimits } from '../power-to-db.ts'
import type { Spectrogram, SpectrogramOptions } from '../spectrogram.ts'
import { assemble, FunctionBuilder, I32 } from './assembler.ts'
import { laneDecibel, laneRefer } from './decibel.ts'
import { f32x4, v128 } from './instructions.ts'
import { Layout } from './layout.ts'
import { lanePower, mirrorTable, splitTwiddles } from './power.ts'
import { copyBins, filterTable, melBands } from './project.ts'
import { instantiate, validates } from './runtime.ts'
import { laneScan } from './scan.ts'
import { laneTransform, passTwiddles } from './transform.ts'

const LANES = 4
const MIN_N_FFT = 16
const MAX_BYTES = 2 ** 29
const INFINITY_BITS = 0x7f800000

/** Whether `laneSpectrogram` can do this: frames of a power of two, a window of a usual size, on a machine with vector instructions. */
export function lanesFit(options: SpectrogramOptions): boolean {
  const { nFft, samples } = options
  if (frameCount(samples, options) === 0) return false
  const bytes = 4 * (paddedLength(options) + lanedFrames(options) * nFft + 32 * nFft)
  return isPowerOfTwo(nFft) && nFft >= MIN_N_FFT && bytes <= MAX_BYTES && simd()
}

let simdKnown: boolean | undefined

function simd(): boolean {
  if (simdKnown === undefined) {
    const probe = new FunctionBuilder('probe', I32)
    probe.emit(v128.store(probe.parameters[0].value, f32x4.splat(1)))
    simdKnown = validates(assemble(1, [probe]))
  }
  return simdKnown
}

const upTo = (multiple: number, n: number) => Math.ceil(n / multiple) * multiple
const lanedFrames = (options: SpectrogramOptions) => upTo(LANES, frameCount(options.samples, options))

/** Samples that the kernels read or look at: all frames, those that only fill lanes too, and all of the signal. */
function paddedLength(options: SpectrogramOptions): number {
  const read = (lanedFrames(options) - 1) * options.hopLength + options.nFft
  return upTo(LANES, Math.max(read, options.samples + paddingOf(options)))
}

/**
 * By kernels that are assembled for these options: the transform takes two frames at a time in float64, what follows takes four
 * in float32, one frame in each lane of a 128-bit vector. An instance has one memory: not to be shared by threads.
 */
export function laneSpectrogram(options: SpectrogramOptions): Spectrogram {
  const { samples, nFft, hopLength, padMode, mel, decibel } = options
  const half = nFft / 2
  const bins = mel ? mel.nMels : half + 1
  const frames = frameCount(samples, options)
  const padding = paddingOf(options)

  const layout = new Layout()
  const largestAt = layout.reserve(16)
  // Half of the window, because `power` leaves out the ½ of its formula.
  const windowAt = layout.constant(hannWindow(options).map(w => w / 2))
  const passTwiddlesAt = layout.constant(passTwiddles(half))
  const complexAt = layout.reserve(half * 32)
  const mirrorsAt = layout.constant(mirrorTable(half, complexAt))
  const splitTwiddlesAt = layout.constant(splitTwiddles(half))
  const powerAt = layout.reserve((half + 1) * 16)
  const project = mel
    ? melBands({
        nMels: bins,
        table: layout.constant(filterTable(mel, powerAt)),
        weights: layout.constant(mel.weights),
      })
    : copyBins({ from: powerAt, bins })
  const signalAt = layout.reserve(paddedLength(options) * 4)
  const rowsAt = layout.reserve(lanedFrames(options) * bins * 4)
  const { memory, call } = instantiate(
    assemble(layout.pages, [
      laneScan(largestAt),
      laneTransform({ half, complex: complexAt, twiddles: passTwiddlesAt, window: windowAt, hopBytes: hopLength * 4 }),
      lanePower({ half, mirrors: mirrorsAt, twiddles: splitTwiddlesAt, power: options.power }),
      project,
      ...(decibel ? [laneDecibel(decibel.amin, largestAt), laneRefer()] : []),
    ]),
  )
  layout.fill(memory)
  const padded = new Float32Array(memory, signalAt, paddedLength(options))
  const used = Math.max((frames - 1) * hopLength + nFft, samples + padding)
  const rows = new Float32Array(memory, rowsAt, upTo(LANES, frames * bins))
  const largestBits = new Int32Array(memory, largestAt, LANES)
  const largest = new Float32Array(memory, largestAt, LANES)

  const toDecibel = (to: NonNullable<typeof decibel>) => {
    // The last vector may reach into rows that only fill lanes: these must not be the largest.
    rows.fill(rows[0], frames * bins)
    const end = rowsAt + rows.byteLength
    call.decibel(rowsAt, end)
    const { floor, shift } = decibelLimits(Math.max(...largest), to)
    call.refer(rowsAt, end, floor, shift)
  }

  return {
    bins,
    compute(signal, out, offset) {
      copyPadded(signal, -padding, used, padMode, padded)
      call.scan(signalAt, signalAt + padded.byteLength)
      if (Math.max(...largestBits) >= INFINITY_BITS) checkFinite(signal, [samples])
      for (let frame = 0; frame < frames; frame += LANES) {
        for (let pair = 0; pair < LANES; pair += 2) {
          call.transform(signalAt + (frame + pair) * hopLength * 4)
          call.power(powerAt + pair * 4)
        }
        call.project(rowsAt + frame * bins * 4)
      }
      if (decibel) toDecibel(decibel)
      out.set(rows.subarray(0, frames * bins), offset)
    },
  }
}
