import { describe, expect, it } from 'vitest'
import { AuscultError } from '../src/errors.ts'
import { type Service, startAll } from '../src/lifecycle.ts'

const signal = new AbortController().signal

/** Services that write down what happens to them. */
function services(log: string[], ...names: string[]): Service[] {
  return names.map(name => ({
    name,
    start: async () => void log.push(`+${name}`),
    stop: async () => void log.push(`-${name}`),
  }))
}

describe('startAll', () => {
  it('starts in order and stops in reverse', async () => {
    const log: string[] = []
    const stop = await startAll(services(log, 'store', 'http', 'pipeline'), signal)
    await stop()
    expect(log).toEqual(['+store', '+http', '+pipeline', '-pipeline', '-http', '-store'])
  })

  it('rolls back when one fails: stops those already started, not itself, and rethrows', async () => {
    const log: string[] = []
    const [store, http, pipeline] = services(log, 'store', 'http', 'pipeline')
    const failing = { ...http, start: () => Promise.reject(new AuscultError('AUSCULT_PORT_IN_USE', 'taken')) }
    await expect(startAll([store, failing, pipeline], signal)).rejects.toMatchObject({ code: 'AUSCULT_PORT_IN_USE' })
    expect(log).toEqual(['+store', '-store'])
  })

  it('stops between two services when it is aborted, and after the last', async () => {
    for (const at of ['http', 'pipeline']) {
      const log: string[] = []
      const abort = new AbortController()
      const all = services(log, 'store', 'http', 'pipeline').map(service => ({
        ...service,
        start: async (inner: AbortSignal) => {
          await service.start(inner)
          if (service.name === at) abort.abort(new Error('enough'))
        },
      }))
      await expect(startAll(all, abort.signal)).rejects.toThrow('enough')
      expect(log.filter(entry => entry.startsWith('-')).length).toBe(log.length / 2)
    }
  })

  it('stops once, however often it is asked', async () => {
    const log: string[] = []
    const stop = await startAll(services(log, 'store'), signal)
    await Promise.all([stop(), stop()])
    await stop()
    expect(log).toEqual(['+store', '-store'])
  })

  it('goes on stopping when one fails or hangs, and reports them', async () => {
    const log: string[] = []
    const faults: [string, unknown][] = []
    const [store, hanging, failing] = services(log, 'store', 'hanging', 'failing')
    const all = [
      store,
      { ...hanging, stop: () => new Promise<void>(() => {}) },
      { ...failing, stop: () => Promise.reject(new Error('stuck')) },
    ]
    const stop = await startAll(all, signal, 50, (service, error) => faults.push([service, error]))
    await stop()
    expect(log.at(-1)).toBe('-store')
    expect(faults).toMatchObject([
      ['failing', { message: 'stuck' }],
      ['hanging', { code: 'AUSCULT_TIMEOUT', message: 'hanging did not stop in time' }],
    ])
  })

  it('gives every service the same deadline', async () => {
    const deadlines: number[] = []
    const all = services([], 'a', 'b').map(service => ({
      ...service,
      stop: async (deadline: number) => void deadlines.push(deadline),
    }))
    const before = Date.now()
    await (await startAll(all, signal, 5000))()
    expect(deadlines[0]).toBe(deadlines[1])
    expect(deadlines[0] - before).toBeGreaterThanOrEqual(5000)
  })
})
