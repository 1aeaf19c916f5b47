import { advance, FunctionBuilder, I32 } from './assembler.ts'
import { f32x4, f64x2, i32, v128 } from './instructions.ts'
import { digitReversal } from './transform.ts'

const { add, sub, mul } = f64x2

/** `[(half/2 + 1) × 2]`: cos and −sin of 2πk/n, as `power` reads them. */
export function splitTwiddles(half: number): Float64Array {
  const angle = (i: number) => (Math.PI * (i >> 1)) / half
  return Float64Array.from({ length: half + 2 }, (_, i) => (i & 1 ? -Math.sin(angle(i)) : Math.cos(angle(i))))
}

/** `[(half/2 + 1) × 2]`: the addresses of frequencies k and half − k in the transform's result at `complex`. */
export function mirrorTable(half: number, complex: number): Int32Array {
  const places = digitReversal(half)
  return Int32Array.from({ length: half + 2 }, (_, i) => {
    const k = i >> 1
    return complex + 32 * places[i & 1 ? (half - k) % half : k]
  })
}

/**
 * `power(to)`: pulls the transform of 2 × `half` real samples out of the complex one of `half` (see RealFft) and writes |X|² or |X|
 * of bins 0 … half as float32, 16 bytes apart: the two frames fill half of a vector of four. The factor ½ of that split is left to
 * the window. Bins k and half − k share their inputs.
 */
export function lanePower(memory: { half: number; mirrors: number; twiddles: number; power: 1 | 2 }): FunctionBuilder {
  const f = new FunctionBuilder('power', I32)
  const [to] = f.parameters
  const { half } = memory
  const [mirror, up, down, twiddle, outDown] = Array.from({ length: 5 }, () => f.local(I32))
  f.emit(mirror.set(i32.const(memory.mirrors)), twiddle.set(i32.const(memory.twiddles)))
  f.emit(outDown.set(i32.add(to.value, i32.const(half * 16))))
  f.repeat(mirror, 8, i32.const(memory.mirrors + (half / 2 + 1) * 8), () => {
    f.emit(up.set(i32.load(mirror.value)), down.set(i32.load(mirror.value, 4)))
    const a = f.let(v128.load(up.value))
    const b = f.let(v128.load(up.value, 16))
    const c = f.let(v128.load(down.value))
    const d = f.let(v128.load(down.value, 16))
    const cos = f.let(v128.load64Splat(twiddle.value))
    const sin = f.let(v128.load64Splat(twiddle.value, 8))
    const evenRe = f.let(add(a.value, c.value))
    const evenIm = f.let(sub(b.value, d.value))
    const oddRe = f.let(add(b.value, d.value))
    const oddIm = f.let(sub(c.value, a.value))
    const turnedRe = f.let(sub(mul(cos.value, oddRe.value), mul(sin.value, oddIm.value)))
    const turnedIm = f.let(add(mul(cos.value, oddIm.value), mul(sin.value, oddRe.value)))
    for (const [out, combine] of [[to, add] as const, [outDown, sub] as const]) {
      const re = f.let(combine(evenRe.value, turnedRe.value))
      const im = f.let(combine(evenIm.value, turnedIm.value))
      const squared = add(mul(re.value, re.value), mul(im.value, im.value))
      const value = memory.power === 2 ? squared : f64x2.sqrt(squared)
      f.emit(v128.store64Lane(out.value, f32x4.demote(value), 0))
    }
    f.emit(advance(twiddle, 16), advance(to, 16), advance(outDown, -16))
  })
  return f
}
