import { frameEdges, melSteps } from '../model/explanation/axes.ts'
import type { FrontEndConfig } from '../model/frontends/config.ts'
import { hzToMel } from '../model/frontends/mel-filterbank.ts'
import { type Axis, indexAxis, linearAxis } from './report/axis.ts'

type SpectralConfig = Extract<FrontEndConfig, { n_fft: number }>
type MelConfig = Extract<FrontEndConfig, { n_mels: number }>

/** Of `count` values in a row. */
export function waveAxis(config: FrontEndConfig, count: number): Axis {
  if (config.type === 'raw') return linearAxis('s', 0, count / config.sample_rate)
  if (config.type === 'fft') {
    const { label, perUnit } = frequencyUnit(config.sample_rate / 2)
    return linearAxis(label, 0, config.sample_rate / 2 / perUnit)
  }
  const perValue = config.type === 'frame' ? config.bin : 1
  return indexAxis('index', count * perValue)
}

/** Of `[rows × columns]` values: frames and bins of a spectrogram, rows and columns of a detector. */
export function imageAxes(config: FrontEndConfig, rows: number, columns: number): { x: Axis; y: Axis } {
  switch (config.type) {
    case 'raw':
    case 'fft':
    case 'features':
      return { x: indexAxis('frame', rows), y: indexAxis('bin', columns) }
    case 'frame':
      return {
        x: indexAxis('column', columns * config.bin),
        y: downwards(indexAxis('row', rows * config.bin)),
      }
    default: {
      const x = config.beats === null ? frameTimes(config, rows) : indexAxis('segment', rows)
      return { x, y: spectralRows(config, columns) }
    }
  }
}

function spectralRows(config: SpectralConfig, columns: number): Axis {
  switch (config.type) {
    case 'stft':
      return linearFrequencies(config, columns)
    case 'mfcc':
      return indexAxis('coefficient', columns)
    case 'chroma':
      return pitchClasses(columns)
    case 'mel-chroma':
      return indexAxis('bin', columns)
    default:
      return melFrequencies(config)
  }
}

const NAMES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B']

/** By name where there are twelve. */
const pitchClasses = (count: number): Axis =>
  count === NAMES.length
    ? { label: 'pitch class', ticks: NAMES.map((text, i) => ({ at: (i + 0.5) / count, text })) }
    : indexAxis('chroma bin', count)

/** Row 0 is on top. */
const downwards = ({ label, ticks }: Axis): Axis => ({
  label,
  ticks: ticks.map(({ at, text }) => ({ at: 1 - at, text })),
})

function frameTimes(config: SpectralConfig, frames: number): Axis {
  const edges = frameEdges(config, frames)
  return linearAxis('s', edges[0], edges[frames])
}

/** Bin k reaches half a bin to both sides of k × rate / n_fft. */
function linearFrequencies({ sample_rate, n_fft }: SpectralConfig, bins: number): Axis {
  const { label, perUnit } = frequencyUnit(sample_rate / 2)
  const width = sample_rate / n_fft / perUnit
  return linearAxis(label, -width / 2, (bins - 0.5) * width)
}

/** Octaves, as far as they have room; the middle of band m lies at (m + 1) steps of the mel scale. */
function melFrequencies(config: MelConfig): Axis {
  const { sample_rate, n_mels, fmax, htk } = config
  const high = fmax ?? sample_rate / 2
  const { label, perUnit } = frequencyUnit(high)
  const { first, step } = melSteps(config)
  const ticks: { at: number; text: string }[] = []
  for (let octave = Math.floor(Math.log2(high / 1000)); octave > -6; octave--) {
    const hz = 1000 * 2 ** octave
    const at = ((hzToMel(hz, htk) - first) / step - 0.5) / n_mels
    const isClear = (ticks.at(-1)?.at ?? 2) - at >= LEAST_GAP
    if (at >= 0 && at <= 1 && isClear) ticks.push({ at, text: String(Number((hz / perUnit).toPrecision(3))) })
  }
  return { label, ticks }
}

/** Between two marks, as a part of the axis. */
const LEAST_GAP = 0.1

const frequencyUnit = (highest: number) =>
  highest >= 2000 ? { label: 'kHz', perUnit: 1000 } : { label: 'Hz', perUnit: 1 }
