import { F32, FunctionBuilder, I32 } from './assembler.ts'
import { f32x4, i32, i32x4, v128 } from './instructions.ts'

const { add, sub, mul, splat } = f32x4

/** ln(1 + f) = f − f²/2 + f³·P(f) on [√½ − 1, √2 − 1], relative error below 1e-7 (S. Moshier, Cephes, logf). */
const LOG_POLYNOMIAL = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]
const SQRT_HALF_BITS = 0x3f3504f3
const DB_PER_NEPER = 10 / Math.LN10
const DB_PER_OCTAVE = 10 * Math.log10(2)

/**
 * `decibel(from, end)`: 10·log10(max(amin, x)) in place, and the largest of each lane to `largest`. The range is a multiple of 16
 * bytes and not empty. Infinite power gives 385 dB.
 */
export function laneDecibel(amin: number, largest: number): FunctionBuilder {
  const f = new FunctionBuilder('decibel', I32, I32)
  const [address, end] = f.parameters
  const max = f.let(splat(Number.NEGATIVE_INFINITY))
  f.repeat(address, 16, end.value, () => {
    const x = f.let(f32x4.pmax(splat(amin), v128.load(address.value)))
    // x = mantissa × 2^exponent with the mantissa in [√½, √2), taken from the bits of the number.
    const exponent = f.let(i32x4.shrSigned(i32x4.sub(x.value, i32x4.splat(SQRT_HALF_BITS)), 23))
    const fraction = f.let(sub(i32x4.sub(x.value, i32x4.shl(exponent.value, 23)), splat(1)))
    const square = f.let(mul(fraction.value, fraction.value))
    const polynomial = f.let(splat(LOG_POLYNOMIAL[0]))
    for (const coefficient of LOG_POLYNOMIAL.slice(1)) {
      f.emit(polynomial.set(add(mul(polynomial.value, fraction.value), splat(coefficient))))
    }
    const cubic = mul(mul(polynomial.value, square.value), fraction.value)
    const log = add(fraction.value, sub(cubic, mul(square.value, splat(0.5))))
    const octaves = mul(f32x4.convertI32x4(exponent.value), splat(DB_PER_OCTAVE))
    const decibel = f.let(add(octaves, mul(log, splat(DB_PER_NEPER))))
    f.emit(v128.store(address.value, decibel.value), max.set(f32x4.pmax(max.value, decibel.value)))
  })
  f.emit(v128.store(i32.const(largest), max.value))
  return f
}

/** `refer(from, end, floor, shift)`: max(floor, x) − shift in place. */
export function laneRefer(): FunctionBuilder {
  const f = new FunctionBuilder('refer', I32, I32, F32, F32)
  const [address, end, floor, shift] = f.parameters
  const floors = f.let(f32x4.fill(floor.value))
  const shifts = f.let(f32x4.fill(shift.value))
  f.repeat(address, 16, end.value, () => {
    const raised = f32x4.pmax(v128.load(address.value), floors.value)
    f.emit(v128.store(address.value, sub(raised, shifts.value)))
  })
  return f
}
