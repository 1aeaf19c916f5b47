import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dropGate, inside, openGate } from '../../../src/stream/store/gate.ts'
import { PROJECT } from '../../helpers/requires.ts'

describe('gate', () => {
  it('holds the end of the process until the thread is out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'auscult-gate-'))
    const file = join(folder, 'file')
    const args = ['--import', 'tsx', 'test/helpers/gate-child.ts', file]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' })
    expect([status, stderr]).toEqual([3, ''])
    expect(readFileSync(file, 'utf8')).toBe('out')
    rmSync(folder, { recursive: true })
  })

  it('lets in one at a time, and out after an error', () => {
    const gate = openGate()
    const entered: string[] = []
    const fail = () =>
      inside(gate, () => {
        entered.push('first')
        inside(gate, () => entered.push('within'))
        throw new Error('failed')
      })
    expect(fail).toThrow('failed')
    inside(gate, () => entered.push('second'))
    expect(entered).toEqual(['first', 'second'])
    dropGate(gate)
  })

  it('leaves no listener behind', () => {
    const before = process.listenerCount('exit')
    const gates = [openGate(), openGate()]
    expect(process.listenerCount('exit')).toBe(before + 1)
    gates.forEach(dropGate)
    expect(process.listenerCount('exit')).toBe(before)
  })
})
