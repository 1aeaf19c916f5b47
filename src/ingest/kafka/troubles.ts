/** What is wrong, of several kinds, told as one message. */
export class Troubles {
  readonly #messages = new Map<string, string>()
  readonly #tell: (message: string | undefined) => void

  /** @param tell is called with each change: what is wrong now, undefined when nothing is */
  constructor(tell: (message: string | undefined) => void) {
    this.#tell = tell
  }

  /** Says what is wrong, or that it is over (undefined). @returns whether that is new */
  set(kind: string, message: string | undefined): boolean {
    if (this.#messages.get(kind) === message) return false
    if (message === undefined) this.#messages.delete(kind)
    else this.#messages.set(kind, message)
    this.#tell(this.#messages.size === 0 ? undefined : [...this.#messages.values()].join('; '))
    return true
  }
}
