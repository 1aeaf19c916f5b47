/** A window of samples where it lies in its stream. */
export interface PlacedWindow {
  readonly stream: string
  readonly offset: number
  readonly data: Float32Array
}

/** A piece of a stream. */
export interface Joined {
  readonly samples: Float32Array
  /** Offset of the first sample in the stream. */
  readonly from: number
  /** Where samples are missing, counted from the first one, and are zeros. */
  readonly gaps: readonly { readonly from: number; readonly samples: number }[]
}

/**
 * Windows of one stream as one piece. Those that overlap are laid over one another; a gap of up to one window is filled with zeros, and what
 * lies behind a longer one, in another stream or out of order is left out.
 * @param windows in order, equally long @param peak which of them must be in it
 */
export function joinWindows(windows: readonly PlacedWindow[], peak: number): Joined {
  const size = windows[peak].data.length
  const follows = (a: PlacedWindow, b: PlacedWindow) =>
    a.stream === b.stream && b.offset > a.offset && b.offset - a.offset <= 2 * size
  let first = peak
  while (first > 0 && follows(windows[first - 1], windows[first])) first--
  let last = peak
  while (last < windows.length - 1 && follows(windows[last], windows[last + 1])) last++
  const from = windows[first].offset
  const samples = new Float32Array(windows[last].offset + size - from)
  const gaps: { from: number; samples: number }[] = []
  let end = 0
  for (const { offset, data } of windows.slice(first, last + 1)) {
    const at = offset - from
    if (at > end) gaps.push({ from: end, samples: at - end })
    samples.set(data, at)
    end = at + size
  }
  return { samples, from, gaps }
}
