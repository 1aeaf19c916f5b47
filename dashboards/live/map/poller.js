const POINTS_MS = 2000
const MAP_MS = 3000
const PAGE = 1000
const STARTING = ['not started', 'starting']

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
      this.hasMap ||= await this.readMap()
      if (this.hasMap) await this.readPoints()
    } catch {
      // The daemon is gone for a while: it is asked again.
      if (!this.hasMap) this.handlers.onAbsent('unreachable')
    }
    this.isBusy = false
    if (this.isOn) this.timer = setTimeout(() => this.ask(), this.hasMap ? POINTS_MS : MAP_MS)
  }

  /** @returns whether there is one */
  async readMap() {
    const { components } = await this.api.get('readyz')
    const absence = absenceOf(components.map?.reason ?? '')
    if (absence) this.handlers.onAbsent(absence)
    else this.handlers.onMap(await this.api.get('v1/map'))
    return absence === undefined
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
}

/** Why there is no map, by what the daemon says of this part; undefined where there is one. */
function absenceOf(reason) {
  if (reason === 'off') return 'off'
  if (reason.startsWith('given up')) return 'failed'
  return STARTING.includes(reason) ? 'soon' : undefined
}
