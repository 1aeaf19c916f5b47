import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advance,
  assemble,
  FunctionBuilder,
  I32,
  signed,
  unsigned,
  V128,
} from '../../../../src/model/frontends/wasm/assembler.ts'
import { f32x4, i32, v128 } from '../../../../src/model/frontends/wasm/instructions.ts'
import { instantiate, validates } from '../../../../src/model/frontends/wasm/runtime.ts'

/** LEB128 as in its definition: seven bits a byte, lowest first. */
const decode = (bytes: number[]) => bytes.reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (7 * i), 0)

describe('LEB128', () => {
  it('gives the examples of the DWARF standard', () => {
    expect([2, 127, 128, 129, 12857].map(unsigned)).toEqual([[2], [127], [0x80, 1], [0x81, 1], [0xb9, 0x64]])
    expect([2, -2, 127, -127, 128, -128].map(signed)).toEqual([
      [2],
      [0x7e],
      [0xff, 0],
      [0x81, 0x7f],
      [0x80, 1],
      [0x80, 0x7f],
    ])
  })

  it('keeps every number', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), n => decode(unsigned(n)) === n))
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), n => {
        const bytes = signed(n)
        const negative = bytes.at(-1)! & 0x40 ? 2 ** (7 * bytes.length) : 0
        expect(decode(bytes) - negative).toBe(n)
      }),
    )
  })
})

describe('assemble', () => {
  it('makes a module that runs: a loop, a condition and four lanes', () => {
    const f = new FunctionBuilder('double', I32, I32)
    const [from, end] = f.parameters
    const at = f.local(I32)
    const x = f.local(V128)
    f.emit(at.set(from.value))
    f.when(i32.sub(end.value, from.value), () => {
      f.repeat(at, 16, end.value, () => {
        f.emit(x.set(v128.load(at.value)), v128.store(at.value, f32x4.add(x.value, x.value)))
      })
    })
    const { memory, call } = instantiate(assemble(1, [f]))
    const values = new Float32Array(memory)
    for (let i = 0; i < 12; i++) values[i] = i
    call.double(16, 16)
    call.double(0, 32)
    expect([...values.subarray(0, 12)]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 8, 9, 10, 11])
  })

  it('calls several functions by name', () => {
    const functions = [3, 5].map(step => {
      const f = new FunctionBuilder(`plus${step}`, I32)
      const x = f.let(f32x4.splat(step))
      f.emit(v128.store(f.parameters[0].value, x.value), advance(f.parameters[0], step))
      return f
    })
    const { memory, call } = instantiate(assemble(1, functions))
    call.plus5(0)
    call.plus3(16)
    expect([...new Float32Array(memory, 0, 8)]).toEqual([5, 5, 5, 5, 3, 3, 3, 3])
  })

  it('is refused by the engine when the body does not fit its type', () => {
    const f = new FunctionBuilder('wrong')
    f.emit(i32.const(1))
    expect(validates(assemble(1, [f]))).toBe(false)
  })
})
