import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/logger.ts'
import { FailureLog } from '../../src/stream/failure-log.ts'

function setUp() {
  const lines: object[] = []
  const clock = { now: 0 }
  const logger = Object.create(silentLogger, { warn: { value: (line: object) => lines.push(line) } })
  return { lines, clock, log: new FailureLog(logger, () => clock.now) }
}

describe('FailureLog', () => {
  it('logs the first at once, then one line in 10 s with the number since', () => {
    const { lines, clock, log } = setUp()
    for (let i = 0; i < 50; i++) log.report('mic', 'non_finite', 2, `w${i}`, new Error('NaN'))
    expect(lines).toEqual([{ source: 'mic', reason: 'non_finite', windows: 2, at: 'w0', error: 'NaN' }])
    clock.now = 10_000
    log.report('mic', 'non_finite', 1, 'last', 'NaN')
    expect(lines[1]).toMatchObject({ windows: 49 * 2 + 1, at: 'last' })
  })

  it('keeps sources and reasons apart', () => {
    const { lines, log } = setUp()
    for (const source of ['a', 'b']) for (const reason of ['decode', 'engine']) log.report(source, reason, 1, '', '')
    expect(lines).toHaveLength(4)
  })
})
