import { messageOf } from '../errors.ts'
import { fitMap } from '../model/map/fit.ts'
import { groupLatents } from './group-latents.ts'
import type { LatentStudy, LatentStudyInput } from './latents-protocol.ts'

/**
 * Groups and maps a sample of latents. What cannot be made is left out, with a warning: a bundle without clusters or map is better than
 * hours of training lost.
 */
export function studyLatents(
  { sample, clusters, map: { method, ...options }, seed }: LatentStudyInput,
  onEpoch: (done: number, total: number) => void,
): LatentStudy {
  const { latents, dimensions, windows, scores } = sample
  const study: LatentStudy = { assigned: windows.map(() => null), warnings: [] }
  try {
    const grouped = groupLatents(sample, clusters, seed)
    study.clusters = grouped.clusters
    study.assigned = grouped.assigned
  } catch (error) {
    study.warnings.push(`the bundle has no clusters: ${messageOf(error)}`)
  }
  if (method === 'none') return study
  try {
    const { warnings, ...fitted } = fitMap(latents, dimensions, { ...options, method }, seed, onEpoch)
    study.map = { ...fitted, windows, clusters: study.assigned, scores }
    study.warnings.push(...warnings)
  } catch (error) {
    study.warnings.push(`the bundle has no map: ${messageOf(error)}`)
  }
  return study
}
