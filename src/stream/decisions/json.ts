import type { Mute, Thresholds } from './types.ts'

/** The form of a mute in HTTP answers and in the audit log. Times are milliseconds since the epoch. */
export function muteToJson(mute: Mute): object {
  const { episodeId, lastAt, key, ...rest } = mute
  return {
    ...rest,
    ...(key !== undefined && { clusters_key: key }),
    ...(episodeId !== undefined && { episode_id: episodeId }),
    ...(lastAt !== undefined && { last_at: lastAt }),
  }
}

/** The form of all thresholds in HTTP answers. */
export function thresholdsToJson({ configured, all, sources }: Thresholds): object {
  return { configured, all: all ?? null, sources }
}
