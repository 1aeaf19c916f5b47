import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { timeLimit } from '../src/time-limit.ts'

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('timeLimit', () => {
  it('aborts after so long, also when garbage is collected before that', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const limited = timeLimit(new AbortController().signal, 0.3)
    let aborted = 0
    limited.addEventListener('abort', () => aborted++)
    const collecting = setInterval(collect, 10)
    await wait(600)
    clearInterval(collecting)
    expect(aborted).toBe(1)
  })

  it('aborts with the signal, for its reason', () => {
    const controller = new AbortController()
    const limited = timeLimit(controller.signal, 60)
    expect(limited.aborted).toBe(false)
    controller.abort('enough')
    expect(limited.reason).toBe('enough')
    expect(timeLimit(controller.signal, 60).reason).toBe('enough')
  })
})
