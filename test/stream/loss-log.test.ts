import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { LossLog } from '../../src/stream/loss-log.ts'

function setUp() {
  const lines: [object, string][] = []
  const clock = { now: 0 }
  const warn = (line: object, text: string) => lines.push([line, text])
  const logger = Object.create(silentLogger, { warn: { value: warn } })
  return { lines, clock, log: new LossLog(logger, () => clock.now) }
}

describe('LossLog', () => {
  it('logs the first at once, then one line in 10 s with the number since', () => {
    const { lines, clock, log } = setUp()
    for (let i = 0; i < 50; i++) log.failed('mic', 'non_finite', 2, `w${i}`, new Error('NaN'))
    const first = { source: 'mic', reason: 'non_finite', windows: 2, at: 'w0', error: 'NaN' }
    expect(lines).toEqual([[first, 'windows failed']])
    clock.now = 10_000
    log.failed('mic', 'non_finite', 1, 'last', 'NaN')
    expect(lines[1][0]).toMatchObject({ windows: 49 * 2 + 1, at: 'last' })
  })

  it('keeps outcomes, sources and reasons apart', () => {
    const { lines, log } = setUp()
    for (const source of ['a', 'b']) for (const reason of ['decode', 'engine']) log.failed(source, reason, 1, '', '')
    log.dropped('a', 'decode', 1, 'w')
    expect(lines).toHaveLength(5)
    expect(lines[4]).toEqual([{ source: 'a', reason: 'decode', windows: 1, at: 'w' }, 'windows dropped'])
  })

  it('says at the end what it kept back', () => {
    const { lines, log } = setUp()
    for (let i = 0; i < 7; i++) log.dropped('mic', 'overflow', 1, `w${i}`)
    log.flush()
    log.flush()
    expect(lines.map(([line]) => line)).toMatchObject([{ windows: 1 }, { windows: 6 }])
  })
})
