/** Counts windows that were given away and whose outcome is open. */
export class InFlight {
  #count = 0
  #idle: (() => void)[] = []

  get count(): number {
    return this.#count
  }

  add(): void {
    this.#count++
  }

  done(): void {
    if (--this.#count > 0) return
    const waiting = this.#idle
    this.#idle = []
    for (const wake of waiting) wake()
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise(wake => this.#idle.push(wake))
  }
}
