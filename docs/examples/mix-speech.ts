import { openRecording } from '../../src/ingest/decode.ts'
import { type Random, seeded } from '../../src/random.ts'

/** Shortest and longest pause between two digits, in seconds: every second of the mixture holds at least half a second of speech. */
const PAUSE = [0.05, 0.35]
/** Different digits in a recording, at most. */
const DIGITS = 30

/** Speech laid out in time: `[samples]`, and which samples lie inside a digit rather than in a pause. */
interface Utterance {
  samples: Float32Array
  spoken: Uint8Array
}

/** All samples of a sound file at `sampleRate`. */
export async function readSound(path: string, sampleRate: number): Promise<Float32Array> {
  const recording = await openRecording(path, { sampleRate })
  if (recording.kind !== 'audio') throw new Error(`${path} is no sound`)
  return recording.read(0, recording.length)
}

/** Digits one after another with seeded pauses between them, over and over, `length` samples long; the last one is cut off. */
export function speak(digits: readonly Float32Array[], length: number, sampleRate: number, random: Random): Utterance {
  const samples = new Float32Array(length)
  const spoken = new Uint8Array(length)
  const pause = () => Math.round((PAUSE[0] + (PAUSE[1] - PAUSE[0]) * random.uniform()) * sampleRate)
  let count = 0
  for (let at = pause(); at < length; at += pause()) {
    const digit = digits[count++ % digits.length].subarray(0, length - at)
    samples.set(digit, at)
    spoken.fill(1, at, at + digit.length)
    at += digit.length
  }
  return { samples, spoken }
}

/**
 * The machine with speech over it. The ratio is that of the mean squares of speech and machine over the samples inside digits, pauses
 * left out, one gain for the whole recording.
 * @param snr speech relative to the machine, dB
 */
export function mixSpeech(machine: Float32Array, { samples, spoken }: Utterance, snr: number): Float32Array {
  const power = (signal: Float32Array) => signal.reduce((sum, x, i) => sum + spoken[i] * x * x, 0)
  const gain = Math.sqrt((power(machine) / power(samples)) * 10 ** (snr / 10))
  return machine.map((x, i) => x + gain * samples[i])
}

/** Recordings of a machine, each with other digits to mix into it. */
export async function pairWithSpeech(
  machines: readonly string[],
  speech: readonly string[],
  { seed, sampleRate }: { seed: number; sampleRate: number },
): Promise<{ machine: Float32Array; utterance: Utterance }[]> {
  const pairs = []
  for (const [i, path] of machines.entries()) {
    const random = seeded(seed, i)
    const chosen = random.shuffle([...speech]).slice(0, DIGITS)
    const digits = await Promise.all(chosen.map(file => readSound(file, sampleRate)))
    const machine = await readSound(path, sampleRate)
    pairs.push({ machine, utterance: speak(digits, machine.length, sampleRate, random) })
  }
  return pairs
}
