const PAGE = 1000
const SOON_MS = 300

/** What clusters are called now: episodes only know what they were called in their time. One for the whole page. */
export class Labels {
  static of(app) {
    app.labels ??= new Labels(app)
    return app.labels
  }

  constructor(app) {
    this.app = app
    this.names = new Map()
    this.listeners = new Set()
    app.state.on('hello', () => this.soon())
    app.state.on('cluster', () => this.soon())
    app.state.on('decision', ({ action }) => action === 'cluster.labelled' && this.soon())
    this.soon()
  }

  /** @returns what ends it */
  on(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Its label as it is now, else as it was then; `cluster 7` without one. @param cluster of an episode, or `{ id }` */
  name({ id, label }) {
    return (this.names.has(id) ? this.names.get(id) : label) ?? `cluster ${id}`
  }

  label({ id, label }) {
    return this.names.has(id) ? this.names.get(id) : label
  }

  /** Clusters that have a name, by id. */
  get labelled() {
    return this.all.filter(([, label]) => label !== undefined)
  }

  /** Clusters that are known: `[id, label or undefined]`. */
  get all() {
    return [...this.names]
  }

  set(id, label) {
    this.names.set(id, label ?? undefined)
    for (const listener of this.listeners) listener()
  }

  /** Many clusters may come and go at once. */
  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      void this.fetch()
    }, SOON_MS)
  }

  async fetch() {
    try {
      const { clusters } = await this.app.api.get('v1/clusters', { limit: PAGE })
      this.names = new Map(clusters.map(({ id, label }) => [id, label]))
      for (const listener of this.listeners) listener()
    } catch {
      // Labels of their time are shown; the next greeting asks again.
    }
  }
}
