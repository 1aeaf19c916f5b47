import type { Bundle } from '../bundle.ts'
import type { Manifest } from '../manifest.ts'
import { resolveThreshold, thresholdSchema } from '../threshold.ts'
import type { ModelFacts, ValueFacts } from './inspect.ts'

/** What `auscult model` prints of an ONNX file. */
export function describeModel(facts: ModelFacts): string {
  const { weights, latents, external } = facts
  const { range } = weights
  const files = external.length ? `, weights in ${external.join(', ')}` : ''
  return lines([
    ['model', `${facts.file} (${sizeText(facts.bytes)}${files})`],
    ['made by', `${facts.producer || 'not said'}, opset ${facts.opset}, IR ${facts.ir_version}`],
    ...facts.inputs.map((value): Line => ['input', valueText(value)]),
    ...facts.outputs.map(
      (value): Line => [
        'output',
        valueText(value) + (value.name === facts.reconstruction ? ', of the size of the input: reconstruction?' : ''),
      ],
    ),
    [
      'operators',
      Object.entries(facts.operators)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    ['weights', countsText(weights.count)],
    ['range', range ? `${short(range.least)} … ${short(range.greatest)}, ${halfText(weights)}` : 'no float32 weights'],
    ...(latents.length
      ? latents.map(
          ({ name, size, operator }, i): Line => [
            i === 0 ? 'latent?' : '',
            `${name} (${size} ${size === 1 ? 'value' : 'values'}, ${operator})`,
          ],
        )
      : [['latent?', 'no value that everything passes through, or the model could not be run'] satisfies Line]),
  ])
}

function scoreOf({ detector, residual_spread, score }: Manifest): string {
  if (detector) return `${detector.type} on ${detector.on}`
  return residual_spread ? 'mean residual in units of its spread' : score
}

/** What `auscult model` prints of a bundle, before its model. */
export function describeBundle({ folder, manifest, calibration, clusters, map }: Bundle): string {
  const { window, foreign, training } = manifest
  const shape = window.sample_rate === null ? window.shape.join(' × ') : `${window.shape[0]} samples`
  const rate = window.sample_rate === null ? '' : ` at ${window.sample_rate} Hz`
  return lines([
    ['bundle', `${folder}: ${manifest.name}, made ${manifest.created} by Auscult ${manifest.auscult}`],
    [
      'from',
      foreign ? `${foreign.model}, calibrated` : `training on ${training.windows} windows, ${training.epochs} epochs`,
    ],
    ['window', `${shape}${rate}`],
    ['front end', `${manifest.front_end.type}: ${manifest.items} × [${manifest.feature_shape.join(', ')}]`],
    ['architecture', `${manifest.architecture.type}, latent of ${manifest.latent_size}`],
    ['score', scoreOf(manifest)],
    [
      'threshold',
      `${short(resolveThreshold(calibration, thresholdSchema.parse({ policy: 'percentile' })))} (99.5th percentile of ${calibration.count} windows)`,
    ],
    ['clusters', clusters ? clusters.config.method : 'none'],
    ['map', map ? map.method : 'none'],
  ])
}

type Line = [label: string, text: string]

const lines = (entries: readonly Line[]): string =>
  entries.map(([label, text]) => `${label.padEnd(13)}${text}`.trimEnd()).join('\n')

const valueText = ({ name, type, shape }: ValueFacts): string =>
  `${name}: ${type} ${shape ? `[${shape.map(n => n ?? 'any').join(', ')}]` : 'of any shape'}`

const countsText = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([type, count]) => `${count.toLocaleString('en')} ${type}`)
    .join(', ') || 'none'

const halfText = ({ beyond_float16: beyond, lost_in_float16: lost }: ModelFacts['weights']): string =>
  beyond || lost ? `of which float16 cannot hold ${beyond} and makes ${lost} zero` : 'all within float16'

const short = (value: number): string => String(Number(value.toPrecision(4)))

const sizeText = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
