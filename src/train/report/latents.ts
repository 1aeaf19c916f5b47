import type { BundleMap } from '../../model/map/map-file.ts'
import type { Group } from '../evaluation-report/groups.ts'
import { scatter } from '../evaluation-report/scatter.ts'
import { formatNumber } from './axis.ts'
import { escapeHtml } from './html.ts'
import { note } from './page.ts'

/** Training latents by their clusters. */
export interface LatentsView {
  /** Undefined where no map was made. */
  readonly map: Pick<BundleMap, 'method' | 'places' | 'pca'> | undefined
  /** `[n]` each; a latent of no cluster has null. */
  readonly assigned: readonly (number | null)[]
  readonly scores: ArrayLike<number>
  /** How clusters were found. */
  readonly clustering: string
  /** Of each cluster the windows that show it best, by its id. */
  readonly exemplars: ReadonlyMap<number, readonly string[]>
}

const COLOURS = 10
const EXEMPLARS = 3

/** The map of latents beside what is known of each cluster. */
export function renderLatents(view: LatentsView): string {
  const groups = groupsOf(view.assigned)
  const table = clusterTable(view, groups)
  const { map } = view
  if (!map) return table + note(`Clusters of training latents by ${view.clustering}.`)
  const { places, method } = map
  const x = places.filter((_, i) => i % 2 === 0)
  const y = places.filter((_, i) => i % 2 === 1)
  const names = view.assigned.map(nameOf)
  const picture = scatter({ axes: axesOf(map), x, y }, names, groups, 'cluster')
  const text =
    method === 'umap'
      ? 'Windows that lie together are alike to the model; distances between groups and the units of the axes mean little.'
      : 'The two directions along which latents differ most.'
  return (
    `<div class="pair"><div>${picture}</div><div>${table}</div></div>` +
    note(`${view.assigned.length} training windows, clusters by ${view.clustering}. ${text}`)
  )
}

const nameOf = (id: number | null): string => (id === null ? 'none' : String(id))

function axesOf({ method, pca }: NonNullable<LatentsView['map']>): [string, string] {
  if (method === 'umap') return ['UMAP 1', 'UMAP 2']
  const axis = (i: number) => {
    const part = pca.explained_variance_ratio[i] ?? 0
    return `component ${i + 1} (${Math.round(100 * part)} % of the variance)`
  }
  return [axis(0), axis(1)]
}

/** Colours go by size, so that where there are more clusters than colours the small ones are grey. */
function groupsOf(assigned: readonly (number | null)[]): Group[] {
  const ids = [...new Set(assigned)].sort((a, b) => sizeOf(b, assigned) - sizeOf(a, assigned))
  return ids.map((id, i) => ({ name: nameOf(id), className: id === null || i >= COLOURS ? 'g0' : `g${i + 1}` }))
}

const sizeOf = (id: number | null, assigned: readonly (number | null)[]): number =>
  assigned.reduce<number>((count, other) => count + Number(other === id), 0)

function clusterTable({ assigned, scores, exemplars }: LatentsView, groups: readonly Group[]): string {
  const rows = groups.map(({ name, className }) => {
    const own = [...assigned.keys()].filter(i => nameOf(assigned[i]) === name)
    const mean = own.reduce((sum, i) => sum + scores[i], 0) / own.length
    const shown = (exemplars.get(Number(name)) ?? []).slice(0, EXEMPLARS)
    const cells = [
      `<span class="${className}">■</span> ${escapeHtml(name)}`,
      `${own.length} (${Math.round((100 * own.length) / assigned.length)} %)`,
      formatNumber(mean),
      shown.map(escapeHtml).join('<br>'),
    ]
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
  })
  const header = ['Cluster', 'Windows', 'Mean score', 'Most typical windows']
  return `<table><thead><tr>${header.map(text => `<th>${text}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}
