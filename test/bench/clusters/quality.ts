import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkConfig } from '../../../src/config.ts'
import { clustersSchema, type DenStreamConfig } from '../../../src/model/clusters/config.ts'
import { fitClusterer } from '../../../src/model/clusters/create.ts'
import { chooseEpsilon } from '../../../src/model/clusters/denstream-fit.ts'
import { latentsOf } from '../../../src/model/clusters/latents.ts'
import { seeded } from '../../../src/random.ts'
import { adjustedRandIndex, normalizedMutualInformation, purity } from '../../../src/train/cluster-metrics.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { type LabelledLatents, shuffled } from './streams.ts'

/** A stream, and what is told of it: the first `train` latents are for training, and there are k classes. */
export interface Stream extends LabelledLatents {
  readonly train: number
  readonly k: number
  readonly seed: number
  readonly denstream: { epsilon: number; mu: number; beta: number; lambda: number }
}

/** Labels of one pass: of each latent when it came, and of all of them by what was learned at the end. */
interface Labels {
  online: (number | string)[]
  final: (number | string)[]
}

export interface Quality {
  purity: number
  ari: number
  nmi: number
  clusters: number
}

const TRAIN = 0.2

/** Makes a stream of labelled latents, and takes for both DenStreams the epsilon that ours chooses on the training part. */
export function streamOf(set: LabelledLatents, seed: number): Stream {
  const ordered = shuffled(set, seed)
  const train = Math.floor(TRAIN * ordered.labels.length)
  const { dimensions: d } = ordered
  const config = checkConfig({ method: 'denstream', lambda: LAMBDA }, clustersSchema, 'bench') as DenStreamConfig
  const training = latentsOf(ordered.latents.subarray(0, train * d), d)
  const epsilon = chooseEpsilon(training, config, seeded(seed))
  const denstream = { epsilon, mu: config.mu, beta: config.beta, lambda: LAMBDA }
  return { ...ordered, train, k: new Set(ordered.labels).size, seed, denstream }
}

const LAMBDA = 0.001

/** Our clusterers over a stream. */
export function ours(stream: Stream, raw: object): Labels {
  const { dimensions: d, latents, train, labels, seed } = stream
  const config = checkConfig(raw, clustersSchema, 'bench')
  const clusterer = fitClusterer(latents.subarray(0, train * d), d, config, seed)
  const row = (i: number) => latents.subarray(i * d, (i + 1) * d)
  const online = labels.map((_, i) => (i < train ? clusterer.assign(row(i))?.id : clusterer.update(row(i), i).id) ?? 0)
  const final = labels.map((_, i) => clusterer.assign(row(i))!.id)
  return { online: online.map(id => clusterer.resolve(id) ?? id), final }
}

export const OURS: Record<string, { raw: (stream: Stream) => object; peer: string }> = {
  kmeans: {
    raw: ({ k, moving }) => ({ method: 'kmeans', k, ...(moving ? { half_life: 500 } : {}) }),
    peer: 'MiniBatchKMeans',
  },
  'gmm, full': {
    raw: ({ k, moving }) => ({ method: 'gmm', covariance: 'full', k, ...(moving ? { half_life: 500 } : {}) }),
    peer: 'GaussianMixture, full',
  },
  'gmm, diagonal': {
    raw: ({ k, moving }) => ({ method: 'gmm', covariance: 'diagonal', k, ...(moving ? { half_life: 500 } : {}) }),
    peer: 'GaussianMixture, diagonal',
  },
  denstream: { raw: ({ denstream }) => ({ method: 'denstream', ...denstream }), peer: 'DenStream' },
}

/** Of the labels that were given online where the clusters move, of those at the end where they stand. */
export function qualityOf(stream: Stream, { online, final }: Labels): Quality {
  const given = stream.moving ? online : final
  return {
    purity: purity(stream.labels, given),
    ari: adjustedRandIndex(stream.labels, given),
    nmi: normalizedMutualInformation(stream.labels, given),
    clusters: new Set(given).size,
  }
}

const PEERS = join(PROJECT, 'test/bench/peers/clusters.py')

async function runPeers(python: string, job: object): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, ['-B', PEERS, JSON.stringify(job)], { maxBuffer: 2 ** 28 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

/** What the peers make of the streams. @param folder for the exchange of data */
export async function peers(python: string, streams: readonly Stream[], folder: string) {
  const file = join(folder, 'streams.json')
  const name = (i: number) => String(i)
  const data = streams.map((stream, i) => ({ ...stream, name: name(i), latents: [...stream.latents] }))
  writeFileSync(file, JSON.stringify(data))
  const labels = (await runPeers(python, { streams: file })) as Record<string, Record<string, Labels>>
  return streams.map((_, i) => labels[name(i)])
}

/** The handwritten digits of scikit-learn in 32 dimensions. */
export async function digits(python: string, folder: string): Promise<LabelledLatents> {
  const file = join(folder, 'digits.json')
  await runPeers(python, { digits: file })
  const { dimensions, latents, labels } = JSON.parse(readFileSync(file, 'utf8'))
  return { name: 'digits, 32 dimensions', dimensions, latents: Float32Array.from(latents), labels }
}
