import type { EventRow } from './protocol.ts'

/** Numbers of a block: `seq >> BLOCK_BITS`. */
const BLOCK_BITS = 10
/** Blocks that are searched at once: a few milliseconds, where nothing is found. */
const MOST_BLOCKS = 8

export const blockOf = (seq: number): number => Math.floor(seq / 2 ** BLOCK_BITS)

/** What a block holds: from when to when, and the highest score. */
export interface Zone {
  readonly block: number
  readonly low: number
  readonly high: number
  readonly score: number | null
}

/** The zones of events with their numbers. `times` are of an event, besides its own. */
export function zonesOf(
  events: readonly { readonly seq: number; readonly row: EventRow; readonly times: readonly number[] }[],
): Zone[] {
  const zones = new Map<number, Zone>()
  for (const { seq, row, times } of events) {
    const block = blockOf(seq)
    const { low, high, score } = zones.get(block) ?? { low: row.time, high: row.time, score: null }
    zones.set(block, {
      block,
      low: Math.min(low, row.time, ...times),
      high: Math.max(high, row.time, ...times),
      score: row.score === null ? score : Math.max(row.score, score ?? row.score),
    })
  }
  return [...zones.values()]
}

/** First and last number, both included. */
export type Range = readonly [first: number, last: number]

/** Blocks (in rising or falling order) as ranges of numbers in the same order, within the limits: neighbours together, up to a bound. */
export function rangesOf(blocks: readonly number[], [lowest, highest]: Range, mostBlocks = MOST_BLOCKS): Range[] {
  const ranges: [first: number, last: number][] = []
  for (const block of blocks) {
    const [first, last] = [block * 2 ** BLOCK_BITS, (block + 1) * 2 ** BLOCK_BITS - 1]
    const range = ranges.at(-1)
    const isNext = range !== undefined && (range[1] + 1 === first || last + 1 === range[0])
    if (isNext && range[1] - range[0] + 1 < mostBlocks * 2 ** BLOCK_BITS) {
      range[0] = Math.min(range[0], first)
      range[1] = Math.max(range[1], last)
    } else ranges.push([first, last])
  }
  return ranges.map(([first, last]) => [Math.max(first, lowest), Math.min(last, highest)])
}
