import type { Listener } from '../../src/stream/websocket/connection.ts'
import type { Peer } from '../../src/stream/websocket/session.ts'
import { checkMessage } from './websocket-schema.ts'

export interface Said {
  readonly type: string
  readonly seq?: number
  readonly [key: string]: unknown
}

/** A connection whose network takes as many bytes as the test lets it. */
export class FakePeer implements Peer {
  /** What has come out at the other end. */
  readonly received: Said[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  isGone = false
  isMuted = false
  pings = 0
  pongs = 0
  writes = 0
  taken = 0
  /** Bytes that wait besides what was written, until all is through. */
  ballast = 0
  listener: Listener | undefined
  readonly #waiting: { readonly frame: Uint8Array; readonly done?: () => void }[] = []

  get backlog(): number {
    return this.#waiting.reduce((sum, { frame }) => sum + frame.length, this.ballast)
  }

  write(frames: readonly Uint8Array[], done?: () => void): void {
    if (this.isGone || this.closed) {
      done?.()
      return
    }
    this.writes++
    for (const frame of frames) this.#waiting.push({ frame })
    this.#waiting.push({ frame: new Uint8Array(0), done })
  }

  /** Lets so many writes through, or all. */
  drain(writes = Number.POSITIVE_INFINITY): void {
    const had = this.backlog > 0
    for (const { frame, done } of this.#waiting.splice(0, writes)) {
      this.taken += frame.length
      for (const message of readFrames(Buffer.from(frame))) {
        checkMessage('server', message)
        this.received.push(message)
      }
      done?.()
    }
    if (this.#waiting.length === 0) this.ballast = 0
    if (had && this.#waiting.length === 0 && !this.isGone) this.listener?.drained()
  }

  ping(): void {
    this.pings++
  }

  pong(): void {
    this.pongs++
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }

  mute(): void {
    this.isMuted = true
  }

  terminate(): void {
    if (this.isGone) return
    this.isGone = true
    for (const { done } of this.#waiting.splice(0)) done?.()
    this.listener?.gone('lost')
  }
}

/** Text frames of a server, as RFC 6455 lays them out. */
export function readFrames(bytes: Buffer): Said[] {
  const messages: Said[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x81) throw new Error(`not the beginning of a text frame: ${bytes[at]}`)
    const short = bytes[at + 1]
    const [head, size] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))]
    messages.push(JSON.parse(bytes.toString('utf8', at + head, at + head + size)))
    at += head + size
  }
  return messages
}
