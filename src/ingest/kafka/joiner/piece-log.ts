import type { Continuity } from './continuity.ts'

/** A message that was joined. */
export interface Piece {
  readonly offset: bigint
  readonly segment: string
  /** Its first sample's position in the segment, and that behind its last. */
  readonly start: number
  readonly end: number
  /** Time of its first sample, ms since the epoch. */
  readonly time: number
  /** The state that it was joined to. */
  readonly before: Continuity
}

/** The messages of a key from the committed offset on, in order. */
export class PieceLog {
  #pieces: Piece[] = []

  get length(): number {
    return this.#pieces.length
  }

  add(piece: Piece): void {
    this.#pieces.push(piece)
  }

  /** The message that holds a sample. It is looked for from the end, since it is recent. */
  at(segment: string, position: number): Piece {
    const pieces = this.#pieces
    for (let i = pieces.length - 1; i >= 0 && pieces[i].segment === segment; i--) {
      if (pieces[i].start <= position) return pieces[i]
    }
    throw new RangeError(`no message holds sample ${position} of segment ${segment}`)
  }

  /** The state before the first message at or after `offset`; undefined when there is no such message. */
  stateAt(offset: bigint): Continuity | undefined {
    return this.#pieces.find(piece => piece.offset >= offset)?.before
  }

  /** Forgets the messages before `offset`. */
  drop(offset: bigint): void {
    const first = this.#pieces.findIndex(piece => piece.offset >= offset)
    if (first > 0) this.#pieces.splice(0, first)
    else if (first < 0) this.#pieces = []
  }
}
