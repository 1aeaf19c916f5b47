import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Exposition } from '../../../src/stream/metrics/exposition.ts'
import { Metrics } from '../../../src/stream/metrics.ts'
import { sourceStatus } from '../../helpers/daemon-view.ts'
import { metricsState, parseMetrics, sumOf } from '../../helpers/metrics.ts'
import * as requires from '../../helpers/requires.ts'

const promtool = requires.promtool()

/** Any text at all, with halves of surrogates, control characters, quotes and line ends in it more often than by chance. */
const text = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 9, 10, 13, 34, 92, 123, 0xd800, 0xdc00)), {
    maxLength: 12,
  })
  .map(codes => String.fromCharCode(...codes))

const sources = fc.uniqueArray(text, { maxLength: 12 }).map(names => names.map(name => sourceStatus(name)))

function render(max_sources: number, state: Parameters<Metrics['render']>[0]): Promise<string> {
  const metrics = new Metrics(
    { version: '1', node: 'v20', bundle: 'a "b"\n\\', created: 1 },
    { max_sources, handed_over_seconds: 1 },
  )
  metrics.path.window(0.1, 0.2)
  return metrics.render(state)
}

describe('Exposition', () => {
  it('writes values of a metric that are more than are written in one go, once each', async () => {
    const exposition = new Exposition()
    const values = exposition.gauge('many', 'Many', 'n')
    const text = await exposition.render(async () => {
      for (let i = 0; i < 1234; i++) values.set(i, { n: String(i) })
    })
    const many = text.split('\n').filter(line => line.includes('many'))
    expect(many).toEqual([
      '# HELP many Many',
      '# TYPE many gauge',
      ...Array.from({ length: 1234 }, (_, i) => `many{n="${i}"} ${i}`),
    ])
  })

  it('forgets values that are not set again', async () => {
    const exposition = new Exposition()
    const values = exposition.counter('some_total', 'Some', 'n')
    await exposition.render(async () => values.set(1, { n: 'a' }))
    const again = parseMetrics(await exposition.render(async () => values.set(2, { n: 'b' })))
    expect([...again].filter(([series]) => series.startsWith('some'))).toEqual([['some_total{n="b"}', 2]])
  })

  it('has one series for each set of labels, and accounts that balance, whatever sources are called', async () => {
    await fc.assert(
      fc.asyncProperty(sources, fc.integer({ min: 1, max: 9 }), async (all, most) => {
        const lines = (await render(most, () => ({ ...metricsState, sources: all }))).split('\n')
        const series = lines.filter(line => /^auscult_/.test(line)).map(line => line.slice(0, line.lastIndexOf(' ')))
        expect(new Set(series).size).toBe(series.length)
        const shown = series.filter(each => each.startsWith('auscult_windows_received_total'))
        expect(shown.length).toBeLessThanOrEqual(most + 1)
        const values = parseMetrics(Buffer.from(lines.join('\n')).toString())
        const sum = (name: string, label = '') => sumOf(values, `auscult_windows_${name}`, label)
        for (const label of ['', 'source="(others)"']) {
          expect(sum('received_total', label)).toBe(
            sum('scored_total', label) +
              sum('dropped_total', label) +
              sum('failed_total', label) +
              sum('in_flight', label),
          )
        }
        expect(sum('received_total')).toBe(6 * all.length)
      }),
    )
  })

  it.skipIf(!promtool)('is what Prometheus reads, whatever sources are called', async () => {
    const check = async (input: string) => {
      const { status, stderr } = spawnSync(promtool!, ['check', 'metrics'], { input, encoding: 'utf8' })
      // Of Node's own metrics three are named against its advice.
      const own = stderr.split('\n').filter(line => line !== '' && !line.startsWith('nodejs_active_'))
      expect([own, [0, 3].includes(status!)]).toEqual([[], true])
    }
    await check(await render(1000, () => metricsState))
    await fc.assert(
      fc.asyncProperty(sources, async all => check(await render(5, () => ({ ...metricsState, sources: all })))),
      { numRuns: 20 },
    )
  })
})
