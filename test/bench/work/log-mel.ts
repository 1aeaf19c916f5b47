import { checkConfig } from '../../src/config.ts'
import { frontEndSchema } from '../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../src/model/frontends/create.ts'
import { sizeOf } from '../../src/model/frontends/frontend.ts'
import { seeded } from '../../src/random.ts'

export interface LogMelResult {
  /** `log-mel n_fft 1024`; the Python twin gives the same names. */
  name: string
  /** Seconds of one call on a clip of 10 s at 16 kHz: the best, and the median. */
  best: number
  median: number
  /** Audio samples per second of computing, at the median. */
  samplesPerSecond: number
}

const CLIP = 160_000
const WARM_UP = 50

/** What librosa.feature.melspectrogram and power_to_db do, with the same parameters: see peers/log_mel.py. One thread. */
export async function benchLogMel(calls = 300): Promise<LogMelResult[]> {
  return [1024, 2048].map(nFft => measure(nFft, calls))
}

function measure(nFft: number, calls: number): LogMelResult {
  const raw = { type: 'log-mel', n_fft: nFft, hop_length: 512, n_mels: 128, window_samples: CLIP }
  const frontEnd = createFrontEnd(checkConfig(raw, frontEndSchema, 'bench'))
  const random = seeded(1)
  const clip = Float32Array.from({ length: CLIP }, () => 0.1 * random.normal())
  const out = new Float32Array(frontEnd.items * sizeOf(frontEnd.featureShape))
  const seconds: number[] = []
  for (let i = 0; i < WARM_UP + calls; i++) {
    const start = performance.now()
    frontEnd.transform(clip, out)
    if (i >= WARM_UP) seconds.push((performance.now() - start) / 1000)
  }
  seconds.sort((a, b) => a - b)
  const median = seconds[Math.floor(calls / 2)]
  return { name: `log-mel n_fft ${nFft}`, best: seconds[0], median, samplesPerSecond: CLIP / median }
}
