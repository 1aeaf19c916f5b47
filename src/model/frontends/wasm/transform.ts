import { radix4Plan } from '../stockham.ts'
import { advance, type Code, FunctionBuilder, I32, type Local, V128 } from './assembler.ts'
import { f64x2, i32, v128 } from './instructions.ts'

const { add, sub, mul } = f64x2
/** Bytes of one complex number of two frames: `{re, re, im, im}`. */
const COMPLEX = 32
/** Bytes of the twiddles of one butterfly. */
const TWIDDLES = 48

export interface TransformMemory {
  /** Length of the complex transform, a power of two ≥ 8. */
  half: number
  /** `[half]` complex numbers of two frames: the result, in the order of `digitReversal`. */
  complex: number
  /** What `passTwiddles` returns. */
  twiddles: number
  /** `[2 × half]` float64. */
  window: number
  hopBytes: number
}

/** `[Σ quarter × 6]`: the twiddles of all passes, in the order in which `transform` reads them. */
export function passTwiddles(length: number): Float64Array {
  return Float64Array.from(radix4Plan(length).passes.flatMap(pass => [...pass.twiddles]))
}

/** `[length]`: where the transform leaves frequency k. Each pass of radix r sorts by the lowest digit of base r. */
export function digitReversal(length: number): Int32Array {
  const places = new Int32Array(length)
  const { passes, radix2 } = radix4Plan(length)
  const radices = [...passes.map(() => 4), ...(radix2 ? [2] : [])]
  for (let k = 0; k < length; k++) {
    let digits = k
    let block = length
    for (const radix of radices) {
      block /= radix
      places[k] += (digits % radix) * block
      digits = Math.floor(digits / radix)
    }
  }
  return places
}

/**
 * `transform(source)`: reads two frames of 2 × half float32, `hopBytes` apart, multiplies them by the window, and transforms them,
 * even samples as real and odd samples as imaginary part, one frame in each lane. Decimation in frequency, in place but for the
 * first pass, so that the work stays in the first-level cache.
 */
export function laneTransform(memory: TransformMemory): FunctionBuilder {
  const f = new FunctionBuilder('transform', I32)
  const [source] = f.parameters
  const { passes, radix2 } = radix4Plan(memory.half)
  const twiddle = f.local(I32)
  f.emit(twiddle.set(i32.const(memory.twiddles)))
  const butterfly = radix4Butterfly(f, twiddle)
  passes.forEach(({ quarter, stride: blocks }, pass) => {
    if (pass === 0) firstPass(f, source, memory, butterfly)
    else middlePass(f, memory, quarter, blocks, butterfly)
  })
  if (radix2) lastRadix2(f, memory)
  return f
}

type Butterfly = ReturnType<typeof radix4Butterfly>

/** The arithmetic of a radix-4 pass on the locals `x` (re, im of four numbers), and the twiddles that it turns three of them by. */
function radix4Butterfly(f: FunctionBuilder, twiddle: Local) {
  const locals = (n: number) => Array.from({ length: n }, () => f.local(V128))
  const x = locals(8)
  const w = locals(6)
  const t = locals(8)
  return {
    x,
    readTwiddles() {
      f.emit(...w.map((local, i) => local.set(v128.load64Splat(twiddle.value, i * 8))), advance(twiddle, TWIDDLES))
    },
    /** Writes the results to `to`, `to + step` …; turns them unless all twiddles are 1. */
    write(to: Local, step: number, turn: boolean) {
      const [ar, ai, br, bi, cr, ci, dr, di] = x.map(local => local.value)
      const sums = [
        add(ar, cr),
        add(ai, ci),
        sub(ar, cr),
        sub(ai, ci),
        add(br, dr),
        add(bi, di),
        sub(br, dr),
        sub(bi, di),
      ]
      f.emit(...t.map((local, i) => local.set(sums[i])))
      const [acR, acI, acDifR, acDifI, bdR, bdI, bdDifR, bdDifI] = t.map(local => local.value)
      const store = (j: number, real: Code, imaginary: Code) => {
        const [re, im] = x
        f.emit(re.set(real), im.set(imaginary))
        const turned = turn && j > 0 ? product(re, im, w[2 * j - 2], w[2 * j - 1]) : [re.value, im.value]
        f.emit(v128.store(to.value, turned[0], j * step), v128.store(to.value, turned[1], j * step + 16))
      }
      store(0, add(acR, bdR), add(acI, bdI))
      store(1, add(acDifR, bdDifI), sub(acDifI, bdDifR))
      store(2, sub(acR, bdR), sub(acI, bdI))
      store(3, sub(acDifR, bdDifI), add(acDifI, bdDifR))
    },
  }
}

const product = (re: Local, im: Local, wr: Local, wi: Local): [Code, Code] => [
  sub(mul(re.value, wr.value), mul(im.value, wi.value)),
  add(mul(re.value, wi.value), mul(im.value, wr.value)),
]

/** The pass over the whole length, from the samples. */
function firstPass(f: FunctionBuilder, source: Local, memory: TransformMemory, butterfly: Butterfly): void {
  const to = f.local(I32)
  const window = f.local(I32)
  const [weights, first, second] = [f.local(V128), f.local(V128), f.local(V128)]
  const quarter = memory.half / 4
  f.emit(to.set(i32.const(memory.complex)), window.set(i32.const(memory.window)))
  f.repeat(to, COMPLEX, i32.const(memory.complex + quarter * COMPLEX), () => {
    for (let j = 0; j < 4; j++) {
      const pair = (frame: number) => v128.load64Zero(source.value, frame * memory.hopBytes + j * quarter * 8)
      const weighted = (frame: number) => mul(f64x2.promote(pair(frame)), weights.value)
      f.emit(weights.set(v128.load(window.value, j * quarter * 16)))
      f.emit(first.set(weighted(0)), second.set(weighted(1)))
      f.emit(butterfly.x[2 * j].set(f64x2.shuffle(first.value, second.value, [0, 2])))
      f.emit(butterfly.x[2 * j + 1].set(f64x2.shuffle(first.value, second.value, [1, 3])))
    }
    butterfly.readTwiddles()
    butterfly.write(to, quarter * COMPLEX, true)
    f.emit(advance(source, 8), advance(window, 16))
  })
}

/** A pass over blocks of 4 × quarter numbers; the same twiddles serve one butterfly of every block. */
function middlePass(
  f: FunctionBuilder,
  memory: TransformMemory,
  quarter: number,
  blocks: number,
  { x, ...butterfly }: Butterfly,
) {
  const first = f.local(I32)
  const at = f.local(I32)
  const end = f.local(I32)
  const step = quarter * COMPLEX
  f.emit(first.set(i32.const(memory.complex)))
  f.repeat(first, COMPLEX, i32.const(memory.complex + step), () => {
    butterfly.readTwiddles()
    f.emit(at.set(first.value), end.set(i32.add(first.value, i32.const(blocks * 4 * step))))
    f.repeat(at, 4 * step, end.value, () => {
      f.emit(...x.map((local, i) => local.set(v128.load(at.value, (i >> 1) * step + (i & 1) * 16))))
      butterfly.write(at, step, quarter > 1)
    })
  })
}

/** Sums and differences of neighbours. */
function lastRadix2(f: FunctionBuilder, { complex, half }: TransformMemory): void {
  const at = f.local(I32)
  const x = [f.local(V128), f.local(V128), f.local(V128), f.local(V128)]
  const [ar, ai, br, bi] = x.map(local => local.value)
  f.emit(at.set(i32.const(complex)))
  f.repeat(at, 2 * COMPLEX, i32.const(complex + half * COMPLEX), () => {
    f.emit(...x.map((local, i) => local.set(v128.load(at.value, i * 16))))
    const results = [add(ar, br), add(ai, bi), sub(ar, br), sub(ai, bi)]
    f.emit(...results.map((result, i) => v128.store(at.value, result, i * 16)))
  })
}
