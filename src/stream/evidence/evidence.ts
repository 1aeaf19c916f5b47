import { z } from '../../config.ts'
import { axisSchema } from '../axis-json.ts'

/** Version of the files. A reader refuses any other. */
export const EVIDENCE_FORMAT = 1

const matrix = z.array(z.array(z.number()))

const audioClip = z.object({
  file: z.string(),
  type: z.literal('audio/wav'),
  sample_rate: z.number(),
  stream: z.string().describe('Recording, or topic and partition, that it is of'),
  from: z.number().describe('Offset of its first sample there'),
  samples: z.number(),
  peak: z.object({ from: z.number(), samples: z.number() }).describe('Where the explained window lies in it'),
  gaps: z.array(z.object({ from: z.number(), samples: z.number() })).describe('Where samples are missing, and are 0'),
})

const frameClip = z.object({
  file: z.string(),
  type: z.literal('application/zip'),
  frames: z.number(),
  shape: z.array(z.number()).describe('Of one frame'),
  peak: z.number().describe('Index of the explained frame'),
})

/** What is kept of an episode beside its clip. Matrices are `[y][x]`, from low to high frequencies or from the first row on. */
export const evidenceFileSchema = z.object({
  format: z.literal(EVIDENCE_FORMAT),
  episode_id: z.string(),
  source: z.string(),
  window: z.string().describe('The window that is explained, which scored highest'),
  time: z.number().describe('Of that window, milliseconds since the epoch'),
  score: z.number().describe('Of that window'),
  threshold: z.number().describe('Of the episode'),
  summary: z.string().describe('For people'),
  contributors: z.array(z.object({ axis: z.string(), label: z.string(), share: z.number(), difference: z.number() })),
  clip: z.discriminatedUnion('type', [audioClip, frameClip]),
  scores: z.array(z.object({ time: z.number(), score: z.number() })).describe('Of windows around it, in order'),
  unit: z.string().describe('Of the matrices'),
  axes: z.object({ x: axisSchema, y: axisSchema.optional() }),
  features: matrix.describe('What came'),
  reconstruction: matrix.describe('What was expected'),
  residual: matrix.describe('The difference'),
})

export type Evidence = z.infer<typeof evidenceFileSchema>
export type ClipInfo = Evidence['clip']

/** A matrix `[rows × columns]`. */
export interface Matrix {
  readonly values: Float64Array
  readonly rows: number
  readonly columns: number
}

type Matrices = 'features' | 'reconstruction' | 'residual'

/** Numbers that are written between two turns of the event loop. */
const AT_ONCE = 8192

/** The text of a file, made in small steps so that windows need not wait for it. */
export async function evidenceText(
  rest: Omit<Evidence, Matrices>,
  matrices: Readonly<Record<Matrices, Matrix>>,
): Promise<string> {
  const parts = [JSON.stringify(rest).slice(0, -1)]
  for (const name of ['features', 'reconstruction', 'residual'] as const) {
    parts.push(`,"${name}":[`)
    for await (const part of matrixText(matrices[name])) parts.push(part)
    parts.push(']')
  }
  return `${parts.join('')}}\n`
}

async function* matrixText({ values, rows, columns }: Matrix): AsyncGenerator<string> {
  const round = rounding(values)
  let written = 0
  for (let row = 0; row < rows; row++) {
    for (let from = 0; from < columns; from += AT_ONCE) {
      const part = values.subarray(row * columns + from, row * columns + Math.min(columns, from + AT_ONCE))
      const open = from === 0 ? `${row > 0 ? ',' : ''}[` : ','
      yield `${open}${Array.from(part, round).join(',')}`
      written += part.length
      if (written < AT_ONCE) continue
      written = 0
      await new Promise(resolve => setImmediate(resolve))
    }
    yield ']'
  }
}

/** To four digits of the largest value. */
function rounding(values: Float64Array): (value: number) => number {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) return () => 0
  const factor = 10 ** (3 - Math.floor(Math.log10(largest)))
  return value => Math.round(value * factor) / factor + 0
}
