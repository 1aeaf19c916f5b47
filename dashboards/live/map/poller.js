const POINTS_MS = 2000
const MAP_MS = 3000
const PAGE = 1000

/** Asks for the map until there is one, and then for the windows that were placed since, as long as somebody can see it. */
export class MapPoller {
  /** @param handlers `{ onMap(map), onPoints(points, isFirst), onAbsent(reason) }` */
  constructor(api, handlers) {
    this.api = api
    this.handlers = handlers
    this.after = undefined
    this.hasMap = false
    this.onVisibility = () => {
      if (!document.hidden) this.ask()
    }
  }

  start() {
    this.isOn = true
    document.addEventListener('visibilitychange', this.onVisibility)
    this.ask()
  }

  stop() {
    this.isOn = false
    clearTimeout(this.timer)
    document.removeEventListener('visibilitychange', this.onVisibility)
  }

  /** Begins anew: the daemon may be another. */
  reset() {
    this.hasMap = false
    if (this.isOn) this.ask()
  }

  async ask() {
    clearTimeout(this.timer)
    if (!this.isOn || this.isBusy || document.hidden) return
    this.isBusy = true
    try {
      if (!this.hasMap) this.handlers.onMap(await this.api.get('v1/map'))
      this.hasMap = true
      await this.readPoints()
    } catch (error) {
      if (!this.hasMap) await this.explain(error)
      // Else the daemon is gone for a while, which the page says elsewhere.
    }
    this.isBusy = false
    if (this.isOn) this.timer = setTimeout(() => this.ask(), this.hasMap ? POINTS_MS : MAP_MS)
  }

  async readPoints() {
    const isFirst = this.after === undefined
    for (let isMore = true; isMore && this.isOn; ) {
      const { points, next } = await this.api.get('v1/map/points', { limit: PAGE, after: this.after ?? 0 })
      if (points.length > 0) this.after = points.at(-1).seq
      this.after ??= 0
      this.handlers.onPoints(points, isFirst)
      isMore = next !== null && next !== undefined
    }
  }

  /** Why there is no map: the daemon does not make one, or not yet. */
  async explain(error) {
    if (error.status !== 404) {
      this.handlers.onAbsent('unreachable')
      return
    }
    try {
      const { components } = await this.api.get('readyz')
      const { reason = '' } = components.map ?? {}
      this.handlers.onAbsent(reason === 'off' ? 'off' : reason.startsWith('given up') ? 'failed' : 'soon')
    } catch {
      this.handlers.onAbsent('soon')
    }
  }
}
