import { readFileSync } from 'node:fs'
import { escapeHtml } from '../report/html.ts'
import { note } from '../report/page.ts'
import type { Group } from './groups.ts'

/** Of the items at `shown`. */
export interface SpatialMap {
  /** `[n × 3]` */
  readonly places: Float32Array
  readonly shown: readonly number[]
}

/** Points in three dimensions that can be turned where scripts run. @param names `[n]`: the group of each point */
export function turntable({ places }: SpatialMap, names: readonly string[], groups: readonly Group[]): string {
  const index = new Map(groups.map(({ name }, i) => [name, i]))
  const points = names.flatMap((name, i) => [
    ...Array.from(places.subarray(3 * i, 3 * i + 3), value => Number(value.toPrecision(4))),
    index.get(name)!,
  ])
  const keys = groups.map(
    ({ name, className }, i) =>
      `<button type="button" class="${className}" data-group="${i}" aria-pressed="true">${escapeHtml(name)}</button>`,
  )
  const script = readFileSync(new URL('../../../dashboards/report/turntable.js', import.meta.url), 'utf8')
  return (
    `<div class="turntable"><script type="application/json">${JSON.stringify({ points })}</script>` +
    '<canvas tabindex="0" role="img" aria-label="Items in three dimensions; arrow keys turn them, + and - change the distance"></canvas>' +
    `<p class="keys">${keys.join('')}</p></div>` +
    note(
      'The first three principal components of the latents of these items. Drag to turn; after a click the wheel changes the distance; ' +
        'arrow keys, + and - do the same. A class is hidden and shown by its button.',
    ) +
    `<script type="module">${script}</script>`
  )
}
