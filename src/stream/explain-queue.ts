import { AuscultError } from '../errors.ts'
import type { Reconstructed } from '../model/scorer.ts'
import { type Deferred, deferred } from './deferred.ts'

/** Who reconstructs windows, one at a time. */
export interface Explainer {
  readonly canExplain: boolean
  /** The window's array is moved away. @throws AuscultError */
  explain(window: Float32Array): Promise<Reconstructed>
}

/** Windows that wait at most. */
const LIMIT = 16

/** Hands windows to whichever thread is free for them; a few wait, more are refused. */
export class ExplainQueue {
  readonly #explainers: readonly Explainer[]
  readonly #waiting: { readonly window: Float32Array; readonly answer: Deferred<Reconstructed> }[] = []
  #closed = false

  constructor(explainers: readonly Explainer[]) {
    this.#explainers = explainers
  }

  /** @param window copied @throws AUSCULT_ENGINE when too many wait, or the thread dies; AUSCULT_QUEUE_CLOSED after `close` */
  ask(window: Float32Array): Promise<Reconstructed> {
    if (this.#closed) return Promise.reject(closed())
    if (this.#waiting.length >= LIMIT) return Promise.reject(full())
    const answer = deferred<Reconstructed>()
    this.#waiting.push({ window: window.slice(), answer })
    this.poke()
    return answer.promise
  }

  /** Says that an explainer may be free. */
  poke(): void {
    while (this.#waiting.length > 0) {
      const explainer = this.#explainers.find(({ canExplain }) => canExplain)
      if (!explainer) return
      const { window, answer } = this.#waiting.shift()!
      const asked = explainer.explain(window)
      asked.then(answer.resolve, answer.reject)
      const next = () => this.poke()
      asked.then(next, next)
    }
  }

  /** Refuses those that wait, and all that come. */
  close(): void {
    this.#closed = true
    for (const { answer } of this.#waiting.splice(0)) answer.reject(closed())
  }
}

const closed = () => new AuscultError('AUSCULT_QUEUE_CLOSED', 'the scorer stops')

const full = () =>
  new AuscultError('AUSCULT_ENGINE', `${LIMIT} windows wait to be explained already`, { canRetry: true })
