/**
 * A small assembler for WebAssembly, so that vector kernels are written here, as functions that read like formulas, and need
 * neither a build step nor a binary in the repository. Encodings: WebAssembly Core Specification 2.0, chapter 5.
 */

/** Encoded instructions. An expression leaves one value on the stack, a statement none. */
export type Code = readonly number[]

export const I32 = 0x7f
export const F32 = 0x7d
export const V128 = 0x7b
export type ValueType = typeof I32 | typeof F32 | typeof V128

/** A parameter or local variable of a function. */
export class Local {
  readonly index: number

  constructor(index: number) {
    this.index = index
  }

  get value(): Code {
    return [0x20, ...unsigned(this.index)]
  }

  set(value: Code): Code {
    return [...value, 0x21, ...unsigned(this.index)]
  }
}

/** One exported function without result. */
export class FunctionBuilder {
  readonly name: string
  readonly parameters: readonly Local[]
  readonly parameterTypes: readonly ValueType[]
  readonly #locals: ValueType[] = []
  readonly #body: number[] = []

  constructor(name: string, ...parameterTypes: ValueType[]) {
    this.name = name
    this.parameterTypes = parameterTypes
    this.parameters = parameterTypes.map((_, i) => new Local(i))
  }

  local(type: ValueType): Local {
    this.#locals.push(type)
    return new Local(this.parameters.length + this.#locals.length - 1)
  }

  /** A fresh v128 local that holds `value` from here on. */
  let(value: Code): Local {
    const local = this.local(V128)
    this.emit(local.set(value))
    return local
  }

  emit(...statements: Code[]): void {
    for (const statement of statements) for (const byte of statement) this.#body.push(byte)
  }

  /** Runs what `body` emits, adding `step` to `counter` after each turn, until the counter is `end`. At least once. */
  repeat(counter: Local, step: number, end: Code, body: () => void): void {
    this.emit([0x03, 0x40])
    body()
    this.emit(advance(counter, step), [...counter.value, ...end, 0x47, 0x0d, 0x00, 0x0b])
  }

  /** Runs what `body` emits when `condition` is not 0. */
  when(condition: Code, body: () => void): void {
    this.emit([...condition, 0x04, 0x40])
    body()
    this.emit([0x0b])
  }

  encode(): number[] {
    const locals = this.#locals.flatMap(type => [1, type])
    return sized([...unsigned(this.#locals.length), ...locals, ...this.#body, 0x0b])
  }
}

/** `counter += step` */
export const advance = (counter: Local, step: number): Code =>
  counter.set([...counter.value, 0x41, ...signed(step), 0x6a])

/** A module that exports its memory of `pages` × 64 KiB as `memory`, and each function by its name. */
export function assemble(pages: number, functions: readonly FunctionBuilder[]): Uint8Array {
  const types = functions.map(({ parameterTypes }) => [0x60, ...vector(parameterTypes.map(type => [type])), 0])
  const exported = (name: string, kind: number, index: number) => [
    ...sized([...new TextEncoder().encode(name)]),
    kind,
    ...unsigned(index),
  ]
  const exports = [exported('memory', 2, 0), ...functions.map(({ name }, i) => exported(name, 0, i))]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(7, vector(exports)),
    ...section(10, vector(functions.map(f => f.encode()))),
  ])
}

const section = (id: number, content: number[]) => [id, ...sized(content)]
const sized = (content: number[]) => [...unsigned(content.length), ...content]
const vector = (items: number[][]) => [...unsigned(items.length), ...items.flat()]

/** LEB128 of a number in [0, 2³²). */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return [...bytes, rest]
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest & 0x7f]
}
