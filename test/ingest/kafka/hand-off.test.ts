import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HandOff } from '../../../src/ingest/kafka/hand-off.ts'

describe('HandOff', () => {
  it('keeps who offers waiting until someone takes', async () => {
    const handOff = new HandOff<number>()
    let taken: boolean | undefined
    const offer = handOff.offer(7).then(result => {
      taken = result
    })
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(taken).toBeUndefined()
    expect(await handOff.taken().next()).toEqual({ value: 7, done: false })
    await offer
    expect(taken).toBe(true)
  })

  it('gives back what was not taken when it is withdrawn, and goes on', async () => {
    const handOff = new HandOff<number>()
    const [a, b] = [handOff.offer(1), handOff.offer(2)]
    handOff.withdraw()
    expect([await a, await b]).toEqual([false, false])
    const items = handOff.taken()
    const next = items.next()
    expect(await handOff.offer(3)).toBe(true)
    expect((await next).value).toBe(3)
  })

  it('ends for both sides when it is closed', async () => {
    const handOff = new HandOff<number>()
    const waiting = handOff.taken().next()
    handOff.close()
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect(await handOff.offer(1)).toBe(false)
    expect((await handOff.taken().next()).done).toBe(true)
  })

  it('passes each item once, in the order of its producer', async () => {
    const counts = fc.array(fc.nat(20), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(counts, fc.scheduler(), async (sizes, scheduler) => {
        const handOff = new HandOff<[producer: number, item: number]>()
        const producers = sizes.map(async (size, producer) => {
          for (let item = 0; item < size; ) {
            await scheduler.schedule(Promise.resolve())
            if (await handOff.offer([producer, item])) item++
          }
        })
        const seen: [number, number][] = []
        const consumer = (async () => {
          for await (const item of handOff.taken()) {
            seen.push(item)
            await scheduler.schedule(Promise.resolve())
            if (seen.length % 3 === 0) handOff.withdraw()
          }
        })()
        const all = Promise.all(producers).then(() => handOff.close())
        await scheduler.waitFor(Promise.all([all, consumer]))
        for (const [producer, size] of sizes.entries()) {
          const items = seen.filter(([from]) => from === producer).map(([, item]) => item)
          expect(items).toEqual(Array.from({ length: size }, (_, i) => i))
        }
      }),
      { numRuns: 50 },
    )
  })
})
