/** What became of the windows of one source. `received = scored + dropped + failed + inFlight`, always. */
export interface Account {
  readonly received: number
  readonly scored: number
  readonly dropped: Readonly<Record<string, number>>
  readonly failed: Readonly<Record<string, number>>
  readonly inFlight: number
}

interface Entry {
  received: number
  scored: number
  readonly dropped: Map<string, number>
  readonly failed: Map<string, number>
  inFlight: number
}

/** Counts each window's life by source. A window that ends without having been received is a RangeError: a bug. */
export class Ledger {
  readonly #entries = new Map<string, Entry>()

  /** Makes the source known, so that its zeros are visible before its first window. */
  open(source: string): void {
    this.#entry(source)
  }

  received(source: string, windows = 1): void {
    const entry = this.#entry(source)
    entry.received += windows
    entry.inFlight += windows
  }

  scored(source: string, windows = 1): void {
    this.#settle(source, windows).scored += windows
  }

  dropped(source: string, reason: string, windows = 1): void {
    add(this.#settle(source, windows).dropped, reason, windows)
  }

  failed(source: string, reason: string, windows = 1): void {
    add(this.#settle(source, windows).failed, reason, windows)
  }

  inFlight(source: string): number {
    return this.#entry(source).inFlight
  }

  account(source: string): Account {
    const { received, scored, dropped, failed, inFlight } = this.#entry(source)
    return {
      received,
      scored,
      dropped: Object.fromEntries(dropped),
      failed: Object.fromEntries(failed),
      inFlight,
    }
  }

  sources(): string[] {
    return [...this.#entries.keys()]
  }

  #entry(source: string): Entry {
    let entry = this.#entries.get(source)
    if (!entry) {
      entry = { received: 0, scored: 0, dropped: new Map(), failed: new Map(), inFlight: 0 }
      this.#entries.set(source, entry)
    }
    return entry
  }

  #settle(source: string, windows: number): Entry {
    const entry = this.#entry(source)
    if (windows > entry.inFlight) {
      throw new RangeError(`${source}: ${windows} windows end, but only ${entry.inFlight} are in flight`)
    }
    entry.inFlight -= windows
    return entry
  }
}

function add(counts: Map<string, number>, reason: string, windows: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + windows)
}
