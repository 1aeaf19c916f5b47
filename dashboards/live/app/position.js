/** How far the events have been seen: what to resume after, and what was caught up or is gone. */
export class Position {
  constructor() {
    this.store = undefined
    this.seq = undefined
    /** Number of the last event that was there when the connection began. */
    this.target = 0
    /** What the latest connection brought: `{ events, gone, isNewStore }`, undefined for the first. */
    this.outcome = undefined
    this.settled = true
  }

  /** Events that are still to come of those that were missed. */
  get behind() {
    return this.seq === undefined ? 0 : Math.max(0, this.target - this.seq)
  }

  /** Parameters that ask for what was missed. */
  query() {
    return this.seq === undefined
      ? []
      : [
          ['after', this.seq],
          ['store', this.store],
        ]
  }

  greeted({ store, seq, resumed, missed_before }) {
    const isFirst = this.seq === undefined
    const isNewStore = !isFirst && store !== this.store
    const from = isFirst ? seq : resumed === false ? missed_before - 1 : this.seq
    const gone = isFirst || isNewStore ? 0 : Math.max(0, from - this.seq)
    this.outcome = isFirst ? undefined : { events: Math.max(0, seq - from), gone, isNewStore }
    this.store = store
    this.seq = from
    this.target = seq
    this.settled = isFirst
  }

  /** @returns whether the message is to be dealt with: false for an event that was seen before */
  take({ seq, type }) {
    if (seq === undefined || type === 'hello' || type === 'heartbeat') return true
    if (this.seq !== undefined && seq <= this.seq) return false
    this.seq = seq
    return true
  }

  /** Whether what was missed has just been caught up; true once after each connection. */
  arrived() {
    if (this.settled || this.behind > 0) return false
    this.settled = true
    return true
  }
}
