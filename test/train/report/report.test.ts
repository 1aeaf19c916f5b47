import { describe, expect, it } from 'vitest'
import { type ReportData, renderReport } from '../../../src/train/report/report.ts'

const x = { label: 'column', ticks: [{ at: 0.5, text: '1' }] }
const record = (epoch: number) => ({
  epoch,
  loss: 1 / epoch,
  validation_loss: 2 / epoch,
  learning_rate: 1e-3,
  seconds: 1,
})
const data = (changes: Partial<ReportData> = {}): ReportData => ({
  name: 'pump <1> & "2"',
  created: '2025-01-01',
  summary: [['Epochs', '3']],
  history: [1, 2, 3].map(record),
  bestEpoch: 3,
  scores: [{ name: 'held out', values: [1, 2, 3] }],
  thresholds: [{ label: '99 %', value: 2.9 }],
  view: { kind: 'image', rows: 2, columns: 3, transpose: false, x, y: x, unit: 'counts' },
  examples: [
    { title: 'a.wav', score: 1, original: Float32Array.of(1, 2, 3, 4, 5, 6), reconstruction: new Float32Array(6) },
  ],
  warnings: [],
  dropped: [],
  ...changes,
})

describe('renderReport', () => {
  it('is one file: no scripts, no resources from elsewhere', () => {
    const html = renderReport(data())
    expect(html).not.toMatch(/<script|<link|@import|https?:\/\//)
    expect(html.match(/src="[^"]{0,15}/g)?.every(src => src.startsWith('src="data:image'))).toBe(true)
  })

  it('draws the losses of each phase apart, since they are not of one kind', () => {
    const phased = [1, 2, 3, 4].map(epoch => ({ ...record(epoch), phase: epoch < 3 ? 'gan' : 'encoder' }))
    const charts = (html: string) => html.split('>loss<').length - 1
    const [one, two] = [renderReport(data()), renderReport(data({ history: phased }))]
    expect(charts(two)).toBe(2 * charts(one))
    expect(two.indexOf('Phase: gan.')).toBeLessThan(two.indexOf('Phase: encoder.'))
    expect(one).not.toContain('Phase:')
  })

  it('says what stands beside a window of a family without a decoder', () => {
    expect(renderReport(data())).toContain('Originals beside reconstructions')
    const html = renderReport(data({ expectsMean: true }))
    expect(html).toContain('Originals beside the mean')
    expect(html).toContain('original minus mean')
  })

  it('escapes what comes from outside', () => {
    const html = renderReport(data({ warnings: ['<img onerror=x>'], dropped: [{ path: '<b>', reason: '"&' }] }))
    expect(html).toContain('pump &#60;1&#62; &#38; &#34;2&#34;')
    expect(html).not.toMatch(/<img onerror|<b>/)
  })

  it('shows original, reconstruction and residual of each example', () => {
    const images = renderReport(data())
    expect(images.match(/<img/g)).toHaveLength(3)
    expect(images.match(/class="scale".*? counts</g)).toHaveLength(3)
    expect(images).toMatch(/<span>-6<\/span><i style="background:linear-gradient\([^"]*"><\/i><span>6 counts</)
    const waves = renderReport(data({ view: { kind: 'wave', x, unit: 'V' } }))
    expect(waves.match(/<div class="y-label">V</g)).toHaveLength(3)
    expect(waves).not.toContain('<img')
    expect(waves.match(/aria-label="Waveform"/g)).toHaveLength(3)
  })

  it('lists warnings and files left out, where there are any', () => {
    expect(renderReport(data())).not.toMatch(/<h2>(Warnings|Files)/)
    const html = renderReport(data({ warnings: ['too few'], dropped: [{ path: '/a.wav', reason: 'too short' }] }))
    expect(html).toContain('too few')
    expect(html).toContain('<td>/a.wav</td><td>too short</td>')
  })

  it('draws one curve where nothing was validated', () => {
    const history = [1, 2].map(epoch => ({ ...record(epoch), validation_loss: null }))
    expect(renderReport(data({ history })).match(/<polyline/g)).toHaveLength(1)
  })
})
