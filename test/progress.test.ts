import { describe, expect, it } from 'vitest'
import { createProgress, formatDuration } from '../src/progress.ts'

function recorder(isTTY: boolean) {
  const written: string[] = []
  let time = 0
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) }
  return { written, progress: createProgress(stream, () => time), at: (ms: number) => (time = ms) }
}

describe('createProgress', () => {
  it('redraws one line on a terminal, with percent, details and the time left', () => {
    const { written, progress, at } = recorder(true)
    progress.update({ title: 'epoch 1/2', done: 0, total: 100 })
    at(1000)
    progress.update({ title: 'epoch 1/2', done: 25, total: 100, details: ['loss 0.5'] })
    expect(written.at(-2)).toBe('\r\x1b[2K')
    expect(written.at(-1)).toMatch(/^epoch 1\/2 █{6}░{18} {2}25 % {2}loss 0\.5 · 0:03 left$/)
    progress.plain('not here')
    progress.close()
    expect(written.at(-1)).toBe('\r\x1b[2K')
    expect(written.join('')).not.toContain('not here')
  })

  it('draws at most ten times a second and never wider than the terminal', () => {
    const { written, progress, at } = recorder(true)
    for (let ms = 0; ms < 1000; ms++) {
      at(ms)
      progress.update({ title: 'x', done: ms, total: 1000, details: ['y'.repeat(200)] })
    }
    const lines = written.filter(text => !text.startsWith('\r'))
    expect(lines).toHaveLength(10)
    for (const line of lines) expect(line.length).toBeLessThan(80)
  })

  it('shortens the bar before the text', () => {
    const { written, progress } = recorder(true)
    const details = ['loss 0.1234', '12,345 samples/s', 'a']
    progress.update({ title: 'epoch 100/100', done: 1, total: 1, details, secondsLeft: 3600 })
    expect(written[0]).toMatch(/^epoch 100\/100 █{6,20} 100 % .* · 1:00:00 left$/)
  })

  it('writes plain lines, seldom, where there is no terminal', () => {
    const { written, progress, at } = recorder(false)
    for (let ms = 0; ms <= 20_000; ms += 100) {
      at(ms)
      progress.update({ title: 'scan', done: ms, total: 40_000 })
    }
    progress.line('done')
    progress.plain('epoch 1')
    expect(written).toEqual(['scan · 25 % · 0:30 left\n', 'scan · 50 % · 0:20 left\n', 'done\n', 'epoch 1\n'])
  })

  it('prefers a given time left', () => {
    const { written, progress, at } = recorder(false)
    at(10_000)
    progress.update({ title: 'x', done: 1, total: 2, secondsLeft: 3661 })
    expect(written).toEqual(['x · 50 % · 1:01:01 left\n'])
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [750, '12:30'],
    [3750, '1:02:30'],
    [-1, '0:00'],
  ])('%d s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))
})
