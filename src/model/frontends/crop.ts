import { type FrontEnd, sizeOf } from './frontend.ts'

/** Frames of a crop; square: as many as bins. */
export type Crop = 'square' | number

export const cropFrames = (crop: Crop, bins: number): number => (crop === 'square' ? bins : crop)

/** What is wrong with crops of images `[frames, bins]`; undefined where they fit. */
export function cropProblem(crop: Crop, stack: number | null, frames: number, bins: number): string | undefined {
  if (stack !== null) return 'give stack or crop, not both'
  const wanted = cropFrames(crop, bins)
  return wanted > frames ? `crops of ${wanted} frames do not fit into a window, which has ${frames}` : undefined
}

/** First frames of as few crops of `k` frames as cover all of `frames`: the first at the beginning, the last at the end, evenly spaced. */
export function tileStarts(frames: number, k: number): number[] {
  const tiles = Math.ceil(frames / k)
  return Array.from({ length: tiles }, (_, i) => (tiles === 1 ? 0 : Math.round((i * (frames - k)) / (tiles - 1))))
}

/** Where crops of an image `[frames, bins]` may begin. */
export interface Cropping {
  /** Frames at which they begin while scoring. */
  readonly starts: readonly number[]
  /** The last frame at which one may begin. */
  readonly room: number
  readonly bins: number
}

/** How the items of a front end are cropped; undefined where they are no crops. */
export function croppingOf({ uncropped, featureShape }: FrontEnd): Cropping | undefined {
  if (!uncropped) return undefined
  const [frames, ...rest] = uncropped.featureShape
  return { starts: tileStarts(frames, featureShape[0]), room: frames - featureShape[0], bins: sizeOf(rest) }
}

/** Crops of `k` frames of a front end that gives `[frames, bins, 1]`, with all bins: items `[k, bins, 1]`, see tileStarts. */
export function cropped(inner: FrontEnd, k: number): FrontEnd {
  const [frames, ...rest] = inner.featureShape
  const bins = sizeOf(rest)
  const image = new Float32Array(frames * bins)
  const starts = tileStarts(frames, k)
  return {
    windowShape: inner.windowShape,
    items: starts.length,
    featureShape: [k, ...rest],
    uncropped: inner,
    transform(window, out, offset = 0) {
      inner.transform(window, image)
      starts.forEach((start, i) => {
        out.set(image.subarray(start * bins, (start + k) * bins), offset + i * k * bins)
      })
    },
  }
}
