/** A reproducible stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Standard normal (Box–Muller). */
  normal(): number
  /** Uniform integer in [0, n). */
  integer(n: number): number
  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[]
}

/**
 * xoshiro128** (Blackman and Vigna, 2018) seeded by splitmix32 over every part of the seed, so that
 * `seeded(seed, epoch)` and `seeded(seed, epoch + 1)` are unrelated streams.
 */
export function seeded(...seed: number[]): Random {
  let h = 0x9e3779b9
  const mix = (): number => {
    h = (h + 0x9e3779b9) | 0
    let t = h ^ (h >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return (t ^ (t >>> 15)) >>> 0
  }
  for (const part of seed) {
    h = (h ^ Math.floor(part) ^ Math.imul(Math.floor(part / 2 ** 32), 0x85ebca6b)) | 0
    h = mix() | 0
  }
  let a = mix()
  let b = mix()
  let c = mix()
  let d = mix()
  const next = (): number => {
    const r = Math.imul(b, 5)
    const result = Math.imul((r << 7) | (r >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
  const uniform = () => next() / 2 ** 32
  const integer = (n: number) => Math.floor(uniform() * n)
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: items => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        ;[items[i], items[j]] = [items[j], items[i]]
      }
      return items
    },
  }
}
