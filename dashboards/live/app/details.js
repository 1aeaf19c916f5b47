import { Series } from './series.js'

/** An hour of ten windows a second. */
const POINTS = 36_000
/** Sources of which so much is kept; the one that was looked at longest ago goes first. */
const MOST = 8
const PAST = { seconds: 3600, points: 3600 }

/** All scores of the sources that somebody looks at closely, with what was before the page was opened. */
export class Details {
  constructor(app) {
    this.app = app
    this.kept = new Map()
    app.state.on('score', message => this.kept.get(message.source)?.push(message))
    app.state.on('hello', () => {
      for (const [name, series] of this.kept) this.load(name, series.lastEnd)
    })
  }

  /** The series of a source, kept and filled from now on. */
  of(name) {
    let series = this.kept.get(name)
    this.kept.delete(name)
    if (!series) {
      series = new Series(POINTS)
      for (const point of pointsOf(this.app.state.sources.get(name)?.series)) series.push(point)
    }
    this.kept.set(name, series)
    if (this.kept.size > MOST) this.kept.delete(this.kept.keys().next().value)
    if (!series.isLoaded) this.load(name)
    return series
  }

  /** Takes in what the daemon remembers: of before, and of the time after `kept` (ms), when there was no connection. */
  async load(name, kept = Number.NEGATIVE_INFINITY) {
    const series = this.kept.get(name)
    series.isLoaded = true
    try {
      const { scores } = await this.app.api.get(`v1/sources/${encodeURIComponent(name)}/scores`, PAST)
      if (scores.length > 0 && this.kept.get(name) === series) series.fill(scores, kept)
    } catch {
      // The picture begins now; the next connection asks again.
      series.isLoaded = false
    }
  }
}

function* pointsOf(series) {
  for (let i = 0; i < (series?.length ?? 0); i++) yield series.point(i)
}
