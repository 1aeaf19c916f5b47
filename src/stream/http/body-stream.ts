import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refused } from './answer.ts'

/** A body that is made while it is sent. */
export type BodyStream = AsyncIterable<string | Uint8Array>

/** Chunks of a body that has begun. `return` must be called, whatever became of it. */
export interface BodyChunks {
  next(): Promise<IteratorResult<string | Uint8Array>>
  return(): Promise<void>
}

export const isBodyStream = (body: string | Uint8Array | object): body is BodyStream =>
  typeof body === 'object' && Symbol.asyncIterator in body

export interface BodyStreamOptions {
  /** How many are sent at a time. */
  readonly most?: number
  /** So long a reader may take nothing. */
  readonly patienceMs?: number
}

/**
 * Sends bodies as fast as their readers take them, chunk by chunk, and no faster. What breaks off in the middle is cut off without the end
 * that HTTP/1.1 has for it, so that no reader takes it for whole.
 */
export class BodyStreams {
  readonly #most: number
  readonly #patienceMs: number
  #active = 0

  constructor({ most = 4, patienceMs = 60_000 }: BodyStreamOptions = {}) {
    this.#most = most
    this.#patienceMs = patienceMs
  }

  /**
   * Makes the first chunk, so that what cannot begin is refused as all else.
   * @throws Refused (503, 505), and what the body throws
   */
  async open(request: IncomingMessage, body: BodyStream): Promise<BodyChunks> {
    if (request.httpVersion === '1.0') {
      const remedy = 'Ask with HTTP/1.1; nginx: proxy_http_version 1.1.'
      throw new Refused(505, 'AUSCULT_USAGE', 'with HTTP/1.0 nobody could tell whether all of it has come', { remedy })
    }
    if (this.#active >= this.#most) {
      const remedy = 'Ask again when one of them is done.'
      const headers = { 'retry-after': '10' }
      throw new Refused(503, 'AUSCULT_FORBIDDEN', `${this.#most} exports are under way`, { remedy, headers })
    }
    this.#active++
    let isOpen = true
    const release = () => {
      if (isOpen) this.#active--
      isOpen = false
    }
    try {
      return await begun(body, release)
    } catch (error) {
      release()
      throw error
    }
  }

  /** Resolves when all is sent or the reader is gone. The head has been written. @throws what the body throws, after the connection is cut */
  async send(response: ServerResponse, chunks: BodyChunks): Promise<void> {
    try {
      for (let chunk = await chunks.next(); !chunk.done && !response.destroyed; chunk = await chunks.next()) {
        if (!response.write(chunk.value)) await this.#drained(response)
      }
      if (!response.destroyed) response.end()
    } catch (error) {
      response.destroy()
      throw error
    } finally {
      await chunks.return()
    }
  }

  async #drained(response: ServerResponse): Promise<void> {
    if (response.destroyed) return
    const late = setTimeout(() => response.destroy(), this.#patienceMs)
    const done = new AbortController()
    const { signal } = done
    // Listeners of the loser are taken away.
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).finally(() => {
      clearTimeout(late)
      done.abort()
    })
  }
}

/** The chunks of a body, the first of which is there already. */
async function begun(body: BodyStream, release: () => void): Promise<BodyChunks> {
  const chunks = body[Symbol.asyncIterator]()
  let first: IteratorResult<string | Uint8Array> | undefined = await chunks.next()
  return {
    async next() {
      const result = first ?? (await chunks.next())
      first = undefined
      return result
    },
    async return() {
      release()
      await chunks.return?.()
    },
  }
}
