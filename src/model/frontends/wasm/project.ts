import type { MelFilterbank } from '../mel-filterbank.ts'
import { advance, type Code, FunctionBuilder, I32, type Local, V128 } from './assembler.ts'
import { f32x4, i32, v128 } from './instructions.ts'

/** Writes the four lanes to the rows of their frames. */
const scatter = (to: Local, value: Code, rowBytes: number): Code =>
  [0, 1, 2, 3].flatMap(lane => v128.store32Lane(to.value, value, lane, lane * rowBytes))

/** `project(to)`: turns the bins of four frames, one frame in each lane, into four rows of `bins` floats from `to` on. */
export function copyBins(memory: { from: number; bins: number }): FunctionBuilder {
  const f = new FunctionBuilder('project', I32)
  const [to] = f.parameters
  const from = f.local(I32)
  const value = f.local(V128)
  f.emit(from.set(i32.const(memory.from)))
  f.repeat(from, 16, i32.const(memory.from + memory.bins * 16), () => {
    f.emit(value.set(v128.load(from.value)), scatter(to, value.value, memory.bins * 4), advance(to, 4))
  })
  return f
}

/** `[nMels × 2]`: where the bins of each filter begin and end, as addresses. */
export function filterTable(bank: MelFilterbank, from: number): Int32Array {
  return Int32Array.from({ length: bank.nMels * 2 }, (_, i) => {
    const m = i >> 1
    return from + 16 * (bank.starts[m] + (i & 1) * bank.lengths[m])
  })
}

/** `project(to)`: weighs the bins of four frames by each filter; four rows of nMels floats from `to` on. */
export function melBands(memory: { nMels: number; table: number; weights: number }): FunctionBuilder {
  const f = new FunctionBuilder('project', I32)
  const [to] = f.parameters
  const [entry, weight, bin, end] = Array.from({ length: 4 }, () => f.local(I32))
  const sum = f.local(V128)
  f.emit(entry.set(i32.const(memory.table)), weight.set(i32.const(memory.weights)))
  f.repeat(entry, 8, i32.const(memory.table + memory.nMels * 8), () => {
    f.emit(bin.set(i32.load(entry.value)), end.set(i32.load(entry.value, 4)), sum.set(f32x4.splat(0)))
    f.when(i32.sub(end.value, bin.value), () => {
      f.repeat(bin, 16, end.value, () => {
        const weighted = f32x4.mul(v128.load(bin.value), v128.load32Splat(weight.value))
        f.emit(sum.set(f32x4.add(sum.value, weighted)), advance(weight, 4))
      })
    })
    f.emit(scatter(to, sum.value, memory.nMels * 4), advance(to, 4))
  })
  return f
}
