import { describe, expect, it } from 'vitest'
import { moduleUrl, workerFlags } from '../src/worker-url.ts'

describe('moduleUrl', () => {
  it('takes the extension of the caller', () => {
    expect(moduleUrl('./worker', 'file:///a/src/pool.ts').href).toBe('file:///a/src/worker.ts')
    expect(moduleUrl('../model/x', 'file:///a/dist/stream/pool.js').href).toBe('file:///a/dist/model/x.js')
  })
})

describe('workerFlags', () => {
  it('needs nothing for JavaScript, and tsx for TypeScript', () => {
    expect(workerFlags(new URL('file:///a/worker.js'))).toEqual([])
    expect(workerFlags(new URL('file:///a/worker.ts')).join(' ')).toMatch(/--import .*tsx.*register\(\)/)
  })
})
