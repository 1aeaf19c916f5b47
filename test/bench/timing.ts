/** Seconds of one call. */
export interface Timing {
  best: number
  median: number
}

/** What one measurement is asked for; its Python twin reads the same. */
export interface Job {
  threads: number
  /** Seconds of measuring, after a warm-up. */
  seconds: number
}

const WARM_UP = 0.3
const FEWEST = 5

/** Times `call` again and again: at least five times, and for `seconds`. */
export async function repeat(call: () => unknown, seconds: number): Promise<Timing> {
  const time = async () => {
    const start = performance.now()
    await call()
    return (performance.now() - start) / 1000
  }
  await time()
  for (let spent = 0; spent < WARM_UP * seconds; ) spent += await time()
  const times: number[] = []
  for (let spent = 0; spent < seconds || times.length < FEWEST; ) {
    const taken = await time()
    times.push(taken)
    spent += taken
  }
  return summarise(times)
}

export function summarise(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b)
  return { best: sorted[0], median: median(sorted) }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** The least value that a share `p` of the values does not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)]
}
