import { type Code, signed, unsigned } from './assembler.ts'

/** The instructions that the kernels use, by their names in the specification. Addresses are bytes. */

const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, 0xfd, ...unsigned(opcode)]
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, 0xfd, ...unsigned(opcode)]
const shift =
  (opcode: number) =>
  (a: Code, bits: number): Code => [...a, ...i32.const(bits), 0xfd, ...unsigned(opcode)]
const storeLane =
  (opcode: number) =>
  (address: Code, value: Code, lane: number, offset = 0): Code => [
    ...[...address, ...value, 0xfd, ...unsigned(opcode)],
    ...[...at(offset), lane],
  ]
/** Alignment is a hint; 4 bytes is what all data here have. */
const at = (offset: number): Code => [0x02, ...unsigned(offset)]
const bytesOf = (values: Float32Array | Float64Array | Int32Array): Code => [...new Uint8Array(values.buffer)]

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  sub: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...at(offset)],
}

export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, ...at(offset)],
  load32Splat: (address: Code, offset = 0): Code => [...address, 0xfd, 0x09, ...at(offset)],
  load64Splat: (address: Code, offset = 0): Code => [...address, 0xfd, 0x0a, ...at(offset)],
  /** The low half is read, the high half is 0. */
  load64Zero: (address: Code, offset = 0): Code => [...address, 0xfd, 0x5d, ...at(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0xfd, 0x0b, ...at(offset)],
  and: binary(0x4e),
  store32Lane: storeLane(0x5a),
  store64Lane: storeLane(0x5b),
}

export const i32x4 = {
  splat: (value: number): Code => [0xfd, 0x0c, ...bytesOf(Int32Array.of(value, value, value, value))],
  shl: shift(0xab),
  shrSigned: shift(0xac),
  add: binary(0xae),
  sub: binary(0xb1),
  maxSigned: binary(0xb8),
}

export const f32x4 = {
  splat: (value: number): Code => [0xfd, 0x0c, ...bytesOf(Float32Array.of(value, value, value, value))],
  /** The same f32 in all lanes. */
  fill: unary(0x13),
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  /** The larger, for operands that are not NaN. */
  pmax: binary(0xeb),
  convertI32x4: unary(0xfa),
  /** Two float64 as float32 in the low half. */
  demote: unary(0x5e),
}

export const f64x2 = {
  splat: (value: number): Code => [0xfd, 0x0c, ...bytesOf(Float64Array.of(value, value))],
  sqrt: unary(0xef),
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  /** The two float32 of the low half as float64. */
  promote: unary(0x5f),
  /** Picks two lanes from the four of `a` (0, 1) and `b` (2, 3). */
  shuffle: (a: Code, b: Code, lanes: readonly [number, number]): Code => [
    ...[...a, ...b, 0xfd, 0x0d],
    ...lanes.flatMap(lane => [0, 1, 2, 3, 4, 5, 6, 7].map(byte => lane * 8 + byte)),
  ],
}
