import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuscultError } from '../src/errors.ts'
import { BoundedQueue } from '../src/queue.ts'

/** Lets everything that is ready happen. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

const stateOf = async (promise: Promise<unknown>) => {
  let state = 'waiting'
  promise.then(
    () => (state = 'resolved'),
    () => (state = 'rejected'),
  )
  await settle()
  return state
}

describe('BoundedQueue', () => {
  it('gives items in order', async () => {
    const queue = new BoundedQueue<number>(3)
    for (const item of [1, 2, 3]) await queue.push(item)
    expect(queue.size).toBe(3)
    expect([await queue.pop(), await queue.pop(), await queue.pop()]).toEqual([1, 2, 3])
  })

  it('holds undefined as an item like any other', async () => {
    const queue = new BoundedQueue<undefined>(2)
    await queue.push(undefined)
    await queue.push(undefined)
    expect(await queue.popMany(5, 0)).toEqual([undefined, undefined])
  })

  it('hands an item to the pop that has waited longest', async () => {
    const queue = new BoundedQueue<string>(1)
    const pops = [queue.pop(), queue.pop()]
    await queue.push('a')
    await queue.push('b')
    expect(await Promise.all(pops)).toEqual(['a', 'b'])
    expect([queue.size, queue.waiting]).toEqual([0, 0])
  })

  it('pause: a push waits for room, in turn', async () => {
    const queue = new BoundedQueue<number>(1)
    await queue.push(1)
    const second = queue.push(2)
    const third = queue.push(3)
    expect(await stateOf(second)).toBe('waiting')
    expect([queue.size, queue.waiting]).toEqual([1, 2])
    expect(await queue.pop()).toBe(1)
    expect([await stateOf(second), await stateOf(third)]).toEqual(['resolved', 'waiting'])
    expect([await queue.pop(), await queue.pop()]).toEqual([2, 3])
  })

  it('drop-oldest: a push never waits and returns what it displaced', async () => {
    const queue = new BoundedQueue<number>(2, 'drop-oldest')
    expect([await queue.push(1), await queue.push(2), await queue.push(3)]).toEqual([undefined, undefined, 1])
    expect(await queue.popMany(9, 0)).toEqual([2, 3])
  })

  it('close: what is held and what waits for room is still given, then pops end', async () => {
    const queue = new BoundedQueue<number>(1)
    await queue.push(1)
    const waiting = queue.push(2)
    queue.close()
    await expect(queue.push(3)).rejects.toMatchObject({ code: 'AUSCULT_QUEUE_CLOSED' })
    await expect(queue.push(3)).rejects.toBeInstanceOf(AuscultError)
    expect([await queue.pop(), await queue.pop(), await queue.pop()]).toEqual([1, 2, undefined])
    await waiting
    expect(await queue.popMany(4, 1000)).toEqual([])
  })

  it('close ends every pop that waits', async () => {
    const queue = new BoundedQueue<number>(1)
    const pops = [queue.pop(), queue.pop()]
    const many = queue.popMany(3, 50)
    queue.close()
    expect(await Promise.all(pops)).toEqual([undefined, undefined])
    expect(await many).toEqual([])
    expect(queue.waiting).toBe(0)
  })

  it('abandon returns all that is left, and lets waiting pushes go', async () => {
    const queue = new BoundedQueue<number>(2)
    const pushes = [1, 2, 3, 4].map(item => queue.push(item))
    expect(queue.abandon()).toEqual([1, 2, 3, 4])
    await Promise.all(pushes)
    expect([queue.size, queue.waiting, queue.closed]).toEqual([0, 0, true])
  })

  it('a push whose signal aborts is not taken and leaves nothing behind', async () => {
    const queue = new BoundedQueue<number>(1)
    await queue.push(1)
    const controller = new AbortController()
    const push = queue.push(2, controller.signal)
    controller.abort(new Error('stop'))
    await expect(push).rejects.toThrow('stop')
    await expect(queue.push(3, controller.signal)).rejects.toThrow('stop')
    expect(queue.waiting).toBe(0)
    expect(queue.abandon()).toEqual([1])
  })

  it('refuses a capacity below 1', () => {
    expect(() => new BoundedQueue(0)).toThrow(RangeError)
    expect(() => new BoundedQueue(1.5)).toThrow(RangeError)
  })
})

describe('BoundedQueue.popMany', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits without limit for the first item, then waitMs for more', async () => {
    const queue = new BoundedQueue<number>(10)
    const batch = queue.popMany(3, 50)
    await vi.advanceTimersByTimeAsync(10_000)
    await queue.push(1)
    await vi.advanceTimersByTimeAsync(49)
    await queue.push(2)
    expect(await stateOf(batch)).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await batch).toEqual([1, 2])
    expect([queue.waiting, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('returns as soon as max items are there, and takes no more', async () => {
    const queue = new BoundedQueue<number>(10)
    const batch = queue.popMany(2, 50)
    for (const item of [1, 2, 3]) await queue.push(item)
    expect(await batch).toEqual([1, 2])
    expect([queue.size, vi.getTimerCount()]).toEqual([1, 0])
  })

  it('fills a batch beyond the capacity from pushes that wait', async () => {
    const queue = new BoundedQueue<number>(2)
    const pushes = [1, 2, 3, 4, 5].map(item => queue.push(item))
    expect(await queue.popMany(4, 0)).toEqual([1, 2, 3, 4])
    await Promise.all(pushes)
    expect(queue.abandon()).toEqual([5])
  })

  it('returns what it has when the queue is closed', async () => {
    const queue = new BoundedQueue<number>(2)
    const batch = queue.popMany(4, 50)
    await queue.push(1)
    await settle()
    queue.close()
    expect(await batch).toEqual([1])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('BoundedQueue under random schedules', () => {
  const step = fc.oneof(
    fc.constant({ do: 'push' as const }),
    fc.constant({ do: 'pop' as const }),
    fc.record({ do: fc.constant('popMany' as const), max: fc.integer({ min: 1, max: 6 }) }),
    fc.constant({ do: 'abortPush' as const }),
    fc.constant({ do: 'settle' as const }),
  )

  it.each([
    ['pause', 1],
    ['pause', 3],
    ['drop-oldest', 1],
    ['drop-oldest', 3],
  ] as const)('%s, consumers: %i: every item has one fate, in order, within the bound', async (policy, consumers) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), async (steps, capacity) => {
        const queue = new BoundedQueue<number>(capacity, policy)
        const popped: number[] = []
        const dropped: number[] = []
        const refused: number[] = []
        const pushes: Promise<unknown>[] = []
        const turns = Array.from({ length: consumers }, () => Promise.resolve())
        let pushed = 0
        let consumed = 0
        const push = (signal?: AbortSignal) => {
          const item = pushed++
          const taken = (displaced?: number) => displaced !== undefined && dropped.push(displaced)
          pushes.push(queue.push(item, signal).then(taken, () => refused.push(item)))
        }
        const consume = (take: () => Promise<number[]>) => {
          const turn = consumed++ % consumers
          turns[turn] = turns[turn].then(async () => {
            const items = await take()
            expect(items).toEqual([...items].sort((a, b) => a - b))
            popped.push(...items)
          })
        }
        for (const action of steps) {
          if (action.do === 'push') push()
          else if (action.do === 'pop') consume(async () => [await queue.pop()].filter(item => item !== undefined))
          else if (action.do === 'popMany') consume(() => queue.popMany(action.max, 0))
          else if (action.do === 'settle') await settle()
          else {
            const controller = new AbortController()
            push(controller.signal)
            controller.abort()
          }
          expect(queue.size).toBeLessThanOrEqual(capacity)
        }
        await settle()
        queue.close()
        await Promise.all(turns)
        for (let item = await queue.pop(); item !== undefined; item = await queue.pop()) popped.push(item)
        await Promise.all(pushes)
        const all = Array.from({ length: pushed }, (_, i) => i)
        expect([...popped, ...dropped, ...refused].sort((a, b) => a - b)).toEqual(all)
        if (consumers === 1) expect(popped).toEqual([...popped].sort((a, b) => a - b))
        expect(dropped).toEqual([...dropped].sort((a, b) => a - b))
        if (policy === 'pause') expect(dropped).toEqual([])
        expect([queue.size, queue.waiting]).toEqual([0, 0])
      }),
      { numRuns: 300 },
    )
  })
})
