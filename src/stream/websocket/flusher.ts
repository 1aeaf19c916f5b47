import { setImmediate as turn } from 'node:timers/promises'
import type { Channel } from './channel.ts'

/** Longest that everything else waits for the writing. */
const HOLD_MS = 3
/** Members between two looks at the clock. */
const STEP = 16
/** What writing took is followed by so many times as long for everything else. */
const REST = 2
const LONGEST_REST_MS = 250

/**
 * Brings what waits in channels to their members. What comes while it writes or rests goes out together: the more clients there are, the
 * fewer and the larger are the writes. Events end the rest.
 */
export class Flusher {
  #waiting = new Set<Channel>()
  #isBusy = false
  #isUrgent = false
  #wake: (() => void) | undefined

  /** Something waits in the channel. */
  mark(channel: Channel, isUrgent: boolean): void {
    this.#waiting.add(channel)
    if (!this.#isBusy) void this.#work()
    if (!isUrgent) return
    this.#isUrgent = true
    this.#wake?.()
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    while (this.#waiting.size > 0) {
      await turn()
      const channels = this.#waiting
      this.#waiting = new Set()
      this.#isUrgent = false
      const spent = await write(channels)
      const rest = Math.min(LONGEST_REST_MS, REST * spent)
      if (rest >= 1 && !this.#isUrgent) await this.#rest(rest)
    }
    this.#isBusy = false
  }

  #rest(ms: number): Promise<void> {
    return new Promise(resolve => {
      const over = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(over)
        resolve()
      }
    })
  }
}

/** @returns milliseconds that it took, without what others did meanwhile */
async function write(channels: Iterable<Channel>): Promise<number> {
  let spent = 0
  let begun = performance.now()
  let steps = 0
  for (const channel of channels) {
    const batch = channel.seal()
    for (const member of channel.members) {
      channel.deliver(member, batch)
      if (++steps % STEP > 0 || performance.now() - begun < HOLD_MS) continue
      spent += performance.now() - begun
      await turn()
      begun = performance.now()
    }
  }
  return spent + performance.now() - begun
}
