import { FunctionBuilder, I32 } from './assembler.ts'
import { i32, i32x4, v128 } from './instructions.ts'

/**
 * `scan(from, end)`: the largest magnitude in each lane, as the bits of a float32, to `largest`: bits order magnitudes as integers,
 * with infinity and NaN above all others. The range is a multiple of 16 bytes and not empty.
 */
export function laneScan(largest: number): FunctionBuilder {
  const f = new FunctionBuilder('scan', I32, I32)
  const [address, end] = f.parameters
  const max = f.let(i32x4.splat(0))
  f.repeat(address, 16, end.value, () => {
    const magnitude = v128.and(v128.load(address.value), i32x4.splat(0x7fffffff))
    f.emit(max.set(i32x4.maxSigned(max.value, magnitude)))
  })
  f.emit(v128.store(i32.const(largest), max.value))
  return f
}
