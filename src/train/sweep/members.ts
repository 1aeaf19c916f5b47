import { checkConfig, setPath, valueAt } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { seeded } from '../../random.ts'
import { type TrainConfig, trainConfigSchema } from '../config.ts'
import type { SweepConfig } from './config.ts'

/** Options by their path, with a value each. */
export type Values = Readonly<Record<string, unknown>>

/** One of the trainings of a sweep. */
export interface Member {
  /** `001`, `002`, …, which names its files. */
  readonly id: string
  readonly values: Values
}

/** More combinations than anybody trains. */
const MOST = 1000

/** A sweep gives these to each member itself. */
const OWN = /^(output|sweep)(\.|$)/

/**
 * The members of a sweep. The last parameter changes fastest; random draws come in the order of the grid.
 * @throws AUSCULT_CONFIG for more than a thousand, or for options that are not a member's to have
 */
export function membersOf({ parameters, method, n, seed }: SweepConfig): Member[] {
  const own = Object.keys(parameters).find(path => OWN.test(path))
  if (own) {
    throw new AuscultError('AUSCULT_CONFIG', `${own} cannot be swept over`, {
      at: 'sweep.parameters',
      remedy: 'Each member has an output folder of its own, beside `output`.',
    })
  }
  const lists = Object.entries(parameters)
  const all = lists.reduce((product, [, values]) => product * values.length, 1)
  const count = method === 'random' ? Math.min(n, all) : all
  if (count > MOST) {
    throw new AuscultError('AUSCULT_CONFIG', `${count} combinations are too many`, {
      at: 'sweep',
      remedy: `Give fewer values, or set method: random and n, up to ${MOST}.`,
    })
  }
  const indexes = count < all ? draw(count, all, seed) : Array.from({ length: all }, (_, i) => i)
  const digits = Math.max(3, String(count).length)
  return indexes.map((index, i) => ({ id: String(i + 1).padStart(digits, '0'), values: valuesAt(lists, index) }))
}

/** `count` different numbers below `all`, ascending. */
function draw(count: number, all: number, seed: number): number[] {
  const random = seeded(seed)
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(random.integer(all))
  return [...drawn].sort((a, b) => a - b)
}

function valuesAt(lists: readonly [string, unknown[]][], index: number): Values {
  let rest = index
  const entries: [string, unknown][] = []
  for (const [path, values] of lists.toReversed()) {
    entries.unshift([path, values[rest % values.length]])
    rest = Math.floor(rest / values.length)
  }
  return Object.fromEntries(entries)
}

/**
 * The configurations of the members, checked together so that all mistakes are seen before anything is trained.
 * @param raw the configuration as it is written, without defaults, which depend on the values
 * @param outputOf the bundle's folder of a member
 * @throws AUSCULT_CONFIG
 */
export function memberConfigs(
  raw: object,
  members: readonly Member[],
  outputOf: (id: string) => string,
): TrainConfig[] {
  const { sweep: _, ...written } = raw as Record<string, unknown>
  const base = withSections(written, Object.keys(members[0].values))
  const problems = new Map<string, Member>()
  const configs = members.flatMap(member => {
    const entries = Object.entries({ ...member.values, output: outputOf(member.id) })
    const config = entries.reduce<unknown>((target, [path, value]) => setPath(target, path.split('.'), value), base)
    try {
      return [checkConfig(config, trainConfigSchema, 'sweep')]
    } catch (error) {
      if (!(error instanceof AuscultError)) throw error
      if (!problems.has(error.message)) problems.set(error.message, member)
      return []
    }
  })
  if (problems.size === 0) return configs
  const lines = [...problems].map(([message, { values }]) => `${message}  (with ${describeValues(values)})`)
  throw new AuscultError('AUSCULT_CONFIG', lines.join('\n  '), {
    at: 'sweep',
    remedy:
      'Correct the values. Those of options that go together, such as another type with its own options, are whole sections.',
  })
}

/** Sections that are not written but of which options are swept over, with their defaults: `architecture.latent` needs its type. */
function withSections(written: Record<string, unknown>, paths: readonly string[]): unknown {
  const defaults = checkConfig(written, trainConfigSchema, 'sweep')
  return paths.reduce<unknown>((base, path) => {
    const keys = path.split('.').slice(0, -1)
    const depth = keys.findIndex((_, i) => valueAt(base, keys.slice(0, i + 1)) === undefined)
    const section = keys.slice(0, depth + 1)
    const isReplaced = paths.includes(section.join('.')) || paths.includes([...section, 'type'].join('.'))
    return depth < 0 || isReplaced ? base : setPath(base, section, valueAt(defaults, section))
  }, written)
}

/** `training.learning_rate 0.001, seed 1` */
export const describeValues = (values: Values): string =>
  Object.entries(values)
    .map(([path, value]) => `${path} ${describeValue(value)}`)
    .join(', ')

export const describeValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
