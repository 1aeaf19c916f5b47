import { OURS, ours, peers, type Quality, qualityOf, streamOf } from './quality.ts'
import type { LabelledLatents } from './streams.ts'

export const MEASURES = ['ari', 'nmi', 'purity'] as const
type Measure = (typeof MEASURES)[number]

/** A mean over streams, and the standard deviation. */
export interface Spread {
  mean: number
  deviation: number
}

type Result = Record<Measure, Spread> & { name: string; clusters: number }

export interface Comparison {
  set: string
  ours: Result
  theirs: Result
  /** Ours less theirs on the same stream, and the standard error of its mean. */
  difference: Record<Measure, { mean: number; error: number }>
}

/** Each of our methods beside its peer on the same streams: one stream for each seed. */
export async function compareAll(
  python: string,
  make: (seed: number) => LabelledLatents,
  seeds: readonly number[],
  folder: string,
): Promise<Comparison[]> {
  const streams = seeds.map(seed => streamOf(make(seed), seed))
  const labels = await peers(python, streams, folder)
  return Object.entries(OURS).map(([name, { raw, peer }]) => {
    const mine = streams.map(stream => qualityOf(stream, ours(stream, raw(stream))))
    const other = streams.map((stream, i) => qualityOf(stream, labels[i][peer]))
    return {
      set: streams[0].name,
      ours: summary(name, mine),
      theirs: summary(peer, other),
      difference: each(measure => {
        const { mean, deviation } = spread(mine.map((quality, i) => quality[measure] - other[i][measure]))
        return { mean, error: deviation / Math.sqrt(streams.length) }
      }),
    }
  })
}

function summary(name: string, of: readonly Quality[]): Result {
  const measures = each(measure => spread(of.map(quality => quality[measure])))
  return { name, ...measures, clusters: spread(of.map(quality => quality.clusters)).mean }
}

const each = <T>(of: (measure: Measure) => T): Record<Measure, T> => ({
  ari: of('ari'),
  nmi: of('nmi'),
  purity: of('purity'),
})

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) }
}
