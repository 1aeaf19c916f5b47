import { OURS, ours, peers, type Quality, qualityOf, streamOf } from './quality.ts'
import type { LabelledLatents } from './streams.ts'

export interface Comparison {
  set: string
  ours: Quality & { name: string }
  theirs: Quality & { name: string }
}

/** Each of our methods beside its peer on the same streams, means over seeds. */
export async function compareAll(
  python: string,
  make: (seed: number) => LabelledLatents,
  seeds: readonly number[],
  folder: string,
): Promise<Comparison[]> {
  const streams = seeds.map(seed => streamOf(make(seed), seed))
  const labels = await peers(python, streams, folder)
  return Object.entries(OURS).map(([name, { raw, peer }]) => ({
    set: streams[0].name,
    ours: { name, ...mean(streams.map(stream => qualityOf(stream, ours(stream, raw(stream))))) },
    theirs: { name: peer, ...mean(streams.map((stream, i) => qualityOf(stream, labels[i][peer]))) },
  }))
}

function mean(of: readonly Quality[]): Quality {
  const each = (get: (quality: Quality) => number) => of.reduce((sum, quality) => sum + get(quality), 0) / of.length
  return {
    purity: each(quality => quality.purity),
    ari: each(quality => quality.ari),
    nmi: each(quality => quality.nmi),
    clusters: each(quality => quality.clusters),
  }
}
