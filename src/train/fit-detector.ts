import { basename } from 'node:path'
import { AuscultError } from '../errors.ts'
import type { DetectorConfig } from '../model/detectors/config.ts'
import type { DetectorFile } from '../model/detectors/detector-file.ts'
import { fitDetector } from '../model/detectors/fit.ts'
import { vectorSpec } from '../model/detectors/vectors.ts'
import type { EngineOptions } from '../model/engine.ts'
import { normalizationOf } from '../model/frontends/create.ts'
import type { TrainConfig } from './config.ts'
import { type Draft, draftScorer } from './draft-scorer.ts'
import { matchIn } from './path-pattern.ts'
import type { Prepared } from './prepare.ts'
import { sampleWindows } from './score-windows.ts'
import { countWindows, windowsOf } from './windows.ts'

/**
 * Fits a detector to what a trained network makes of training windows.
 * @throws AUSCULT_TRAINING when these do not suffice
 */
export async function fitBundleDetector(
  draft: Draft,
  prepared: Pick<Prepared, 'split' | 'recordings' | 'format'>,
  { front_end, seed }: Pick<TrainConfig, 'front_end' | 'seed'>,
  config: DetectorConfig,
  engine: EngineOptions,
): Promise<DetectorFile> {
  const spec = vectorSpec(config, normalizationOf(front_end).length)
  const scorer = await draftScorer(draft, engine)
  try {
    const vectors: Float32Array[] = []
    const groupOf = groupFinder(config)
    const groups: string[] = []
    for await (const { path, data } of windowsOf(prepared, sampleWindows(prepared.split.train, config.windows))) {
      vectors.push(await scorer.vectors(data, 1, spec))
      if (groupOf) groups.push(groupOf(path))
    }
    const size = vectors[0].length
    const all = new Float32Array(vectors.length * size)
    for (const [i, vector] of vectors.entries()) all.set(vector, i * size)
    const names = config.type === 'selective-mahalanobis' ? config.domains : [...new Set(groups)].sort()
    const of = groups.map(name => names.indexOf(name))
    return fitDetector({ vectors: all, size, spec, ...(groupOf && { groups: { names, of } }) }, config, seed)
  } finally {
    await scorer.close()
  }
}

/** Found before training, since it can be. @throws AUSCULT_CONFIG when the training windows cannot be enough, or have no domain */
export function checkDetector(config: DetectorConfig, { split }: Pick<Prepared, 'split'>): void {
  const sampled = sampleWindows(split.train, config.windows)
  const windows = countWindows(sampled)
  const [option, least] = leastOf(config)
  if (windows < least) {
    throw new AuscultError('AUSCULT_CONFIG', `needs ${least} training windows, and there are ${windows}`, {
      at: `score.${option}`,
      remedy: 'Give more recordings, or lower the option.',
    })
  }
  const groupOf = groupFinder(config)
  if (!groupOf) return
  const groups = sampled.map(({ path }) => groupOf(path))
  if (config.type !== 'selective-mahalanobis') return
  for (const name of config.domains) {
    const own = countWindows(sampled.filter((_, place) => groups[place] === name))
    if (own >= 2) continue
    throw new AuscultError(
      'AUSCULT_CONFIG',
      `there are ${own} training windows of the domain "${name}", fewer than 2`,
      {
        at: 'score.domains',
        remedy: 'Give text that is in the names of the files of one domain, and in no others.',
      },
    )
  }
}

/** The option that asks for most windows, and for how many. */
function leastOf(config: DetectorConfig): readonly [option: string, windows: number] {
  switch (config.type) {
    case 'knn':
      return ['k', config.k]
    case 'gmm':
      return ['components', config.components]
    case 'pca-dbscan':
      return ['min_samples', Math.max(2, config.min_samples)]
    default:
      return ['type', 2]
  }
}

/** What says which group a file is of; undefined where there are none. */
function groupFinder(config: DetectorConfig): ((path: string) => string) | undefined {
  if (config.type === 'selective-mahalanobis') return path => domainOf(path, config.domains)
  if (config.type === 'mahalanobis' && config.machines !== null) return machineFinder(config.machines)
  return undefined
}

function machineFinder(text: string): (path: string) => string {
  const pattern = new RegExp(text)
  return path => {
    const found = matchIn(pattern, path)
    if (found !== null) return found
    throw new AuscultError('AUSCULT_CONFIG', `its path has nothing that fits ${text}`, {
      at: path,
      remedy: "score.machines: every file to be trained on must have it, as 'id_\\d+' in normal_id_01_00000003.wav.",
    })
  }
}

function domainOf(path: string, domains: readonly string[]): string {
  const found = domains.filter(name => basename(path).includes(name))
  if (found.length === 1) return found[0]
  const names = found.map(name => `"${name}"`).join(' and ')
  throw new AuscultError('AUSCULT_CONFIG', found.length ? `its name holds ${names}` : 'its name holds no domain', {
    at: path,
    remedy: `score.domains: every file to be trained on must have exactly one of these in its name: ${domains.join(', ')}`,
  })
}
