import { join } from 'node:path'
import type { Clip } from '../../src/clip.ts'
import { encodeClip } from '../../src/ingest/clip.ts'
import { apiRoutes } from '../../src/stream/api.ts'
import { EVIDENCE_FORMAT, type Evidence } from '../../src/stream/evidence/evidence.ts'
import { EvidenceFiles } from '../../src/stream/evidence/evidence-files.ts'
import type { Routes } from '../../src/stream/http/router.ts'
import type { StoredEpisode } from '../../src/stream/store/event-store.ts'
import type { Episode } from '../../src/types.ts'
import { fakeView } from './daemon-view.ts'

export const RATE = 8000
const HOP = 4000
const BANDS = 16
const COLUMNS = 10
/** The band in which more came than was expected. */
const LOUD = 11

/** Bands that grow, as those of mel do. */
const bandEdges = Array.from({ length: BANDS + 1 }, (_, i) => Math.round(50 * 1.33 ** i))
const table = (rows: number, columns: number, at: (row: number, column: number) => number) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => at(row, column)))

type Picture = Pick<Evidence, 'unit' | 'axes' | 'features' | 'reconstruction' | 'residual' | 'contributors'>

const axis = (name: string, unit: string, edges: number[]) => ({ name, unit, edges })
const steps = (n: number, step = 1) => Array.from({ length: n + 1 }, (_, i) => i * step)

/** What came is 12 above what was expected, 20, in one row. */
function picture(
  rows: number,
  columns: number,
  row: number,
): Pick<Picture, 'features' | 'reconstruction' | 'residual'> {
  const residual = table(rows, columns, y => (y === row ? 12 : 0))
  return {
    features: residual.map(values => values.map(value => value + 20)),
    reconstruction: table(rows, columns, () => 20),
    residual,
  }
}

const PICTURES: Record<'sound' | 'frames' | 'vector', Picture> = {
  sound: {
    ...picture(BANDS, COLUMNS, LOUD),
    unit: 'dB',
    axes: { x: axis('time', 's', steps(COLUMNS, 0.05)), y: axis('frequency', 'Hz', bandEdges) },
    contributors: [
      { axis: 'frequency', label: '1.2–1.5 kHz', share: 0.62, difference: 12 },
      { axis: 'frequency', label: '50–90 Hz', share: 0.2, difference: -3 },
    ],
  },
  frames: {
    ...picture(12, 20, 3),
    unit: '',
    axes: { x: axis('column', 'index', steps(20)), y: axis('row', 'index', steps(12)) },
    contributors: [{ axis: 'region', label: 'row 3, columns 0–19', share: 1, difference: 12 }],
  },
  vector: {
    ...picture(1, 30, 0),
    unit: '°C',
    axes: { x: axis('value', 'index', steps(30)) },
    contributors: [{ axis: 'feature', label: 'values 0–29', share: 1, difference: 12 }],
  },
}

const clips: Record<keyof typeof PICTURES, Clip> = {
  sound: {
    kind: 'audio',
    samples: Float32Array.from({ length: 2 * RATE }, (_, i) => Math.round(6000 * Math.sin(i / 3)) / 32768),
    sampleRate: RATE,
  },
  frames: frames([12, 20]),
  vector: frames([30]),
}

function frames(shape: readonly number[]): Clip {
  const size = shape.reduce((a, b) => a * b)
  const n = 3
  return {
    ...{ kind: 'frames', shape, frames: new Float32Array(n * size) },
    ...{ times: Float64Array.from([0, 1, 2]), scores: Float64Array.from([1, 2, 1]) },
  }
}

/** The evidence of an episode, its worst window two seconds after its begin. */
export async function keep(
  files: EvidenceFiles,
  { id, source, openedAt, peakScore: score, threshold }: Episode,
  kind: keyof typeof PICTURES,
): Promise<void> {
  const clip = await encodeClip(clips[kind])
  const file = files.clipName(id, clip)
  const time = openedAt + 2000
  const sound = { file, type: 'audio/wav', sample_rate: RATE, stream: 'feed.wav', from: 0, samples: 2 * RATE } as const
  const shape = kind === 'vector' ? [30] : [12, 20]
  const evidence: Evidence = {
    ...{ format: EVIDENCE_FORMAT, episode_id: id, source, window: 'w', time, score, threshold },
    summary: 'much of it is at 1.2–1.5 kHz',
    clip:
      kind === 'sound'
        ? { ...sound, peak: { from: HOP, samples: RATE }, gaps: [] }
        : { file, type: 'application/zip', frames: 3, shape, peak: 1 },
    scores: Array.from({ length: 41 }, (_, i) => ({ time: time + (i - 20) * 500, score: i === 20 ? score : 0.5 })),
    ...PICTURES[kind],
  }
  await files.write(id, JSON.stringify(evidence), file, clip.bytes, Date.now())
}

export async function openFiles(folder: string): Promise<EvidenceFiles> {
  const files = new EvidenceFiles({ folder: join(folder, 'evidence'), keepDays: null, maxBytes: null })
  await files.open()
  return files
}

/** The daemon's own routes about these episodes, the one opened last first, and what is kept of them. */
export function episodeRoutes(episodes: StoredEpisode[], files: EvidenceFiles): Routes {
  const fake = fakeView()
  return apiRoutes({
    ...fake,
    evidence: files,
    sources: () => [],
    clusters: { list: () => [], get: () => undefined },
    decisions: { ...fake.decisions, mutes: () => [] },
    store: {
      ...fake.store,
      episode: async id => episodes.find(each => each.id === id),
      async episodes({ limit, before = Number.POSITIVE_INFINITY, source, state, cluster, acknowledged, muted }) {
        const fits = (each: StoredEpisode) =>
          each.seq < before &&
          (source ?? each.source) === each.source &&
          (state ?? each.state) === each.state &&
          (cluster ?? each.cluster?.id) === each.cluster?.id &&
          (acknowledged ?? Boolean(each.acknowledged)) === Boolean(each.acknowledged) &&
          (muted ?? Boolean(each.muted)) === Boolean(each.muted)
        return episodes.filter(fits).slice(0, limit)
      },
    },
  })
}
