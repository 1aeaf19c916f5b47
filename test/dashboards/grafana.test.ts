import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { describe, expect, it } from 'vitest'
import { DASHBOARDS, generated, textOf } from '../../dashboards/grafana/src/index.ts'
import { UIDS } from '../../dashboards/grafana/src/uids.ts'
import { metricsSchema } from '../../src/stream/metrics/config.ts'
import { Metrics } from '../../src/stream/metrics.ts'
import { PROJECT } from '../helpers/requires.ts'

const FOLDER = join(PROJECT, 'dashboards/grafana')

/** Panel types that every Grafana has. */
const TYPES = ['heatmap', 'row', 'stat', 'state-timeline', 'table', 'timeseries']

/** Units of Grafana that are used here. */
const UNITS = ['bytes', 'cps', 'percentunit', 's', 'short']

const DATASOURCE = `\${datasource}`

type AnyPanel = Panel | RowPanel
type Target = { readonly refId: string; readonly expr: string; readonly datasource: { uid: string } }

const all = Object.entries(DASHBOARDS).map(([file, dashboard]) => ({ file, dashboard, panels: dashboard.panels! }))
const charts = all.flatMap(({ file, panels }) =>
  panels.flatMap(panel => (isRow(panel) ? [] : [{ file, title: panel.title!, panel }])),
)

function isRow(panel: AnyPanel): panel is RowPanel {
  return panel.type === 'row'
}

const targetsOf = (panel: Panel) => (panel.targets ?? []) as unknown as Target[]

/** Cells of the grid that panels share. */
function overlaps(panels: readonly AnyPanel[]): string[] {
  const taken = new Map<string, string>()
  return panels.flatMap(({ gridPos, title = '' }) => {
    const { x, y, w, h } = gridPos!
    const cells = Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
    const twice = cells.filter(cell => taken.has(cell)).map(cell => `${title} and ${taken.get(cell)} at ${cell}`)
    for (const cell of cells) taken.set(cell, title)
    return twice
  })
}

describe('dashboards/grafana', () => {
  it('are what the code makes (npm run dashboards)', () => {
    const onDisk = readdirSync(FOLDER).filter(name => name.endsWith('.json'))
    expect(onDisk.sort()).toEqual(Object.keys(DASHBOARDS).sort())
    for (const [path, text] of Object.entries(generated())) expect(readFileSync(join(FOLDER, path), 'utf8')).toBe(text)
  })

  it('import and provision: no inputs, no ids of another Grafana, a schema version, a uid that stays', () => {
    for (const { dashboard } of all) {
      expect(dashboard).not.toHaveProperty('__inputs')
      expect(dashboard.id ?? null).toBeNull()
      expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
      expect(dashboard.description).toMatch(/\.$/)
    }
    expect(all.map(({ dashboard }) => dashboard.uid).sort()).toEqual(Object.values(UIDS).sort())
  })
})

describe('panels', () => {
  it('have ids of their own, and rows too', () => {
    for (const { panels } of all) {
      const ids = panels.map(({ id }) => id)
      expect(ids.every(id => Number.isInteger(id) && id! > 0)).toBe(true)
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it('lie side by side on the grid of 24 columns, without gaps', () => {
    for (const { file, panels } of all) {
      expect(overlaps(panels), file).toEqual([])
      const area = panels.reduce((sum, { gridPos }) => sum + gridPos!.w * gridPos!.h, 0)
      const bottom = Math.max(...panels.map(({ gridPos }) => gridPos!.y + gridPos!.h))
      expect(area, file).toBe(24 * bottom)
      for (const { gridPos } of panels) expect(gridPos!.x + gridPos!.w).toBeLessThanOrEqual(24)
    }
  })

  it('are high enough to be read, and none fills the screen', () => {
    for (const { panel } of charts) expect([panel.gridPos!.h >= 4, panel.gridPos!.h <= 12]).toEqual([true, true])
  })

  it('are of types that every Grafana has', () => {
    expect([...new Set(all.flatMap(({ panels }) => panels.map(({ type }) => type)))].sort()).toEqual(TYPES)
  })

  it.each(charts)('$file $title has a description, a unit, and thresholds', ({ panel }) => {
    expect(panel.title).toMatch(/^[A-Z].*[^.]$/)
    expect(panel.description!.length).toBeGreaterThan(10)
    expect(panel.description).toMatch(/\.$/)
    expect(UNITS).toContain(panel.fieldConfig?.defaults.unit)
    expect(panel.fieldConfig?.defaults.thresholds?.steps[0].value).toBeNull()
  })

  it.each(charts)(
    '$file $title asks the data source that is chosen, each query with a name of its own',
    ({ panel }) => {
      expect(panel.datasource).toEqual({ type: 'prometheus', uid: DATASOURCE })
      const targets = targetsOf(panel)
      expect(targets.length).toBeGreaterThan(0)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
      for (const target of targets) expect(target.datasource.uid).toBe(DATASOURCE)
    },
  )

  it.each(charts)(
    '$file $title goes by the daemons that are chosen, and by the sources where it is about these',
    ({ file, panel }) => {
      for (const { expr } of targetsOf(panel)) {
        const selectors = expr.match(/\{[^{}]*\}/g) ?? []
        expect(selectors.length).toBeGreaterThan(0)
        for (const selector of selectors) expect(selector).toContain('instance=~"$instance"')
        if (file === 'source.json') for (const selector of selectors) expect(selector).toContain('source=~"$source"')
      }
    },
  )
})

describe('metrics', () => {
  const declared = new Metrics({ version: '1', node: 'v20', bundle: 'b', created: 1 }, metricsSchema.parse({})).declared
  const shown = new Set(all.flatMap(({ dashboard }) => textOf(dashboard).match(/\bauscult_[a-z_]+[a-z]\b/g) ?? []))

  it('are all on some dashboard', () => {
    const missing = declared.filter(({ name, type }) => !shown.has(type === 'histogram' ? `${name}_bucket` : name))
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  it('that are shown exist', () => {
    const parts = ['', '_bucket', '_sum', '_count']
    const known = declared.flatMap(({ name }) => parts.map(part => name + part))
    expect([...shown].filter(name => !known.includes(name))).toEqual([])
  })
})

describe('variables', () => {
  it.each(all)(
    'of $file are the data source, the daemons, and the sources where they matter',
    ({ file, dashboard }) => {
      const list = dashboard.templating.list!
      const names = ['datasource', 'instance', ...(file === 'health.json' ? [] : ['source'])]
      expect(list.map(({ name }) => name)).toEqual(names)
      expect(list[0]).toMatchObject({ type: 'datasource', query: 'prometheus' })
      for (const variable of list.slice(1)) {
        expect(variable).toMatchObject({ type: 'query', multi: true, includeAll: true, allValue: '.*' })
        expect(variable.datasource).toEqual({ type: 'prometheus', uid: DATASOURCE })
        expect(variable.query).toMatchObject({ query: expect.stringMatching(/^label_values\(auscult_/) })
      }
    },
  )

  it('are the only ones that anything names', () => {
    const grafana = ['__rate_interval', '__range', '__url_time_range', '__value', '__all']
    for (const { file, dashboard } of all) {
      const known = [...grafana, ...dashboard.templating.list!.map(({ name }) => name)]
      const named = [...textOf(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name)
      expect(
        named.filter(name => !known.includes(name)),
        file,
      ).toEqual([])
    }
  })
})

describe('links', () => {
  it.each(all)('of $file lead to the other dashboards, with variables and time', ({ dashboard }) => {
    expect(dashboard.tags).toContain('auscult')
    const [link] = dashboard.links!
    expect(link).toMatchObject({ type: 'dashboards', tags: ['auscult'], includeVars: true, keepTime: true })
  })

  it('in tables lead to dashboards that exist', () => {
    const urls = all.flatMap(({ dashboard }) =>
      [...textOf(dashboard).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid),
    )
    expect(urls.length).toBeGreaterThan(0)
    for (const uid of urls) expect(Object.values(UIDS)).toContain(uid)
  })
})

describe('annotations', () => {
  it.each(all)('of $file show starts of daemons, and episodes where there are sources', ({ file, dashboard }) => {
    const list = dashboard.annotations.list!
    expect(list.map(({ name }) => name)).toEqual(file === 'health.json' ? ['Deployments'] : ['Episodes', 'Deployments'])
    for (const { datasource } of list) expect(datasource).toEqual({ type: 'prometheus', uid: DATASOURCE })
    expect(list.at(-1)).toMatchObject({
      useValueForTime: true,
      expr: expect.stringContaining('process_start_time_seconds'),
    })
    if (list.length > 1) expect(list[0].expr).toContain('auscult_episode_open')
  })
})
