import libsamplerate from '@alexanderolsen/libsamplerate-js'
import { AuscultError } from '../errors.ts'
import type { MonoSamples } from './wav.ts'

type Converter = Awaited<ReturnType<typeof libsamplerate.create>>

/** Output samples that are made at a time. Results do not depend on what is read, because these pieces lie at fixed places. */
const BLOCK = 4096
/** Half the length of the medium-quality filter in samples of the lower rate (22438 coefficients at 491 per sample), rounded up. */
const HALF_FILTER = 48
/** The library's own buffers hold 1,008,000 samples. */
const MAX_PIECE = 1_000_000
/** The library's limit of the ratio, either way. */
const MAX_RATIO = 256

export interface Resampled extends MonoSamples {
  /** Reads of so many samples at multiples of it are the cheapest. */
  readonly block: number
  /** Samples of the original under such a block. */
  readonly inputBlock: number
  /** Samples of the original before and behind them that it draws on, too. */
  readonly margin: number
}

/** Gives the same sound at another rate. */
export type Conversion = (source: MonoSamples) => Resampled

/** One instance serves the process: each takes 27 MB, and calls are synchronous and carry no state over. */
let shared: Promise<Converter> | undefined

/**
 * The same sound at another rate, by libsamplerate's band-limited interpolation (SRC_SINC_MEDIUM_QUALITY: 121 dB signal to noise,
 * flat up to 0.8 of the lower Nyquist frequency, −3 dB at 0.9; four times as fast as the best quality). ceil(length × rate / file rate) samples, in phase with the original.
 * A sample whose filter reaches a NaN or infinite input is NaN.
 * @throws AUSCULT_INPUT_INVALID when the rates are further apart than 256 : 1 or too unrelated
 */
export async function resample(source: MonoSamples, sampleRate: number): Promise<MonoSamples> {
  return source.sampleRate === sampleRate ? source : convert(source, sampleRate)
}

/** `resample` for rates that differ. */
export async function convert(source: MonoSamples, sampleRate: number): Promise<Resampled> {
  return (await conversion(source.name, source.sampleRate, sampleRate))(source)
}

/**
 * Makes ready what `convert` does at once.
 * @param at names what has the original rate, for errors
 */
export async function conversion(at: string, from: number, sampleRate: number): Promise<Conversion> {
  const divisor = greatestCommonDivisor(from, sampleRate)
  const down = from / divisor
  const up = sampleRate / divisor
  const reach = Math.ceil(HALF_FILTER * Math.max(1, down / up)) + 1
  const margin = Math.ceil(reach / down)
  const units = Math.max(1, Math.round(BLOCK / up))
  const piece = (units + 2 * margin) * Math.max(down, up)
  const ratio = Math.max(down / up, up / down)
  if (!Number.isInteger(sampleRate) || ratio > MAX_RATIO || piece > MAX_PIECE) {
    throw new AuscultError('AUSCULT_INPUT_INVALID', `${from} Hz cannot be converted to ${sampleRate} Hz`, {
      at,
      remedy: 'Convert the recording to a common rate, such as 16000, 44100 or 48000 Hz.',
    })
  }
  shared ??= libsamplerate.create(1, 1, 1, { converterType: libsamplerate.ConverterType.SRC_SINC_MEDIUM_QUALITY })
  const converter = await shared

  const block = (source: MonoSamples, index: number): Float32Array => {
    const input = padded(source, (index * units - margin) * down, (units + 2 * margin) * down)
    const bad = silenceNonFinite(input)
    if (converter.inputSampleRate !== down) converter.inputSampleRate = down
    if (converter.outputSampleRate !== up) converter.outputSampleRate = up
    const output = converter.simple(input)
    for (const i of bad) {
      const first = Math.max(0, Math.ceil(((i - reach) * up) / down))
      output.fill(Number.NaN, first, Math.floor(((i + reach) * up) / down) + 1)
    }
    return output.subarray(margin * up, (margin + units) * up)
  }

  const read = (source: MonoSamples, start: number, count: number): Float32Array => {
    const samples = new Float32Array(count)
    const size = units * up
    for (let done = 0; done < count; ) {
      const index = Math.floor((start + done) / size)
      const skip = start + done - index * size
      const n = Math.min(size - skip, count - done)
      samples.set(block(source, index).subarray(skip, skip + n), done)
      done += n
    }
    return samples
  }
  return source => ({
    name: source.name,
    sampleRate,
    channels: source.channels,
    length: Math.ceil((source.length * up) / down),
    read: (start, count) => read(source, start, count),
    block: units * up,
    inputBlock: units * down,
    margin: margin * down,
  })
}

/** Samples `start … start + count − 1`, zeros where the recording has none. */
function padded(source: MonoSamples, start: number, count: number): Float32Array {
  const from = Math.max(0, start)
  const to = Math.min(source.length, start + count)
  const samples = new Float32Array(count)
  if (to > from) samples.set(source.read(from, to - from), from - start)
  return samples
}

function silenceNonFinite(samples: Float32Array): number[] {
  const positions: number[] = []
  for (let i = 0; i < samples.length; i++) {
    if (Number.isFinite(samples[i])) continue
    samples[i] = 0
    positions.push(i)
  }
  return positions
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))
