import { seeded } from '../random.ts'

/** Which windows of a file are used. */
export interface Fragments {
  position: 'fixed' | 'random'
  /** At most; null: as many as fit without overlap (random), or as the hop gives (fixed). */
  per_file: number | null
  /** For fixed positions; null: one window's length. */
  hop_seconds: number | null
}

/**
 * First sample (or frame) of each window, ascending.
 * @param length samples of the file, at least `size`
 * @param sampleRate null for frames, which have a hop of one
 */
export function fragmentOffsets(
  length: number,
  size: number,
  sampleRate: number | null,
  { position, per_file, hop_seconds }: Fragments,
  seed: readonly number[],
): number[] {
  const last = length - size
  const most = per_file ?? Number.POSITIVE_INFINITY
  if (position === 'fixed') {
    const hop = hop_seconds === null || sampleRate === null ? size : Math.max(1, Math.round(hop_seconds * sampleRate))
    return Array.from({ length: Math.min(most, Math.floor(last / hop) + 1) }, (_, i) => i * hop)
  }
  const random = seeded(...seed)
  if (sampleRate === null) {
    const frames = random.shuffle(Array.from({ length }, (_, i) => i))
    return frames.slice(0, Math.min(most, length)).sort((a, b) => a - b)
  }
  const count = per_file ?? Math.floor(length / size)
  return Array.from({ length: count }, () => random.integer(last + 1)).sort((a, b) => a - b)
}
