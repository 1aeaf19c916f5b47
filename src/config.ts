import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { AuscultError, messageOf } from './errors.ts'

export { z }

const SAMPLES = '`auscult config train` or `auscult config run`'

/**
 * Reads a YAML file, applies `AUSCULT_…` variables, checks it against a strict schema and freezes it.
 * Every problem is reported at once, each with its path. Touches no network.
 * @param sample the command, between backticks, that prints a sample of this configuration, for remedies
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG
 */
export function loadConfig<T>(
  file: string,
  schema: z.ZodType<T>,
  env: NodeJS.ProcessEnv = process.env,
  sample = SAMPLES,
): T {
  return checkConfig(readConfig(file, schema, env, sample), schema, file, remedyOf(sample))
}

/** What loadConfig checks: the file with the variables, without defaults. @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG */
export function readConfig(file: string, schema: z.ZodType, env = process.env, sample = SAMPLES): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'the configuration file cannot be read', {
      at: file,
      cause,
      remedy: `Check the path; ${sample} prints a sample.`,
    })
  }
  let raw: unknown
  try {
    raw = parse(text) ?? {}
  } catch (cause) {
    throw new AuscultError('AUSCULT_CONFIG', `not valid YAML: ${messageOf(cause).split('\n')[0]}`, { at: file, cause })
  }
  return applyEnvironment(raw, schema, env)
}

const remedyOf = (sample: string) => `Correct the entries above; ${sample} prints every option with its default.`

/** Checks a configuration object that is already in memory. `at` names it in errors, `remedy` says what to do. */
export function checkConfig<T>(raw: unknown, schema: z.ZodType<T>, at: string, remedy = remedyOf(SAMPLES)): T {
  const result = schema.safeParse(raw)
  if (result.success) return deepFreeze(result.data)
  const lines = result.error.issues.flatMap(describeIssue)
  throw new AuscultError('AUSCULT_CONFIG', lines.join('\n  '), {
    at,
    remedy,
  })
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.')
  const meant = issue.code === 'invalid_union' ? meantForm(issue) : undefined
  if (meant) return meant.flatMap(inner => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `${path ? `${path}.` : ''}${key}: unknown option`)
  }
  const message = issue.code === 'invalid_key' ? issue.issues.map(inner => inner.message).join(', ') : issue.message
  return [`${path || '(top level)'}: ${message}`]
}

/** What is wrong with the one form of a union that the value has; undefined when it has none, or several. */
function meantForm({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const isOtherForm = ({ code, path }: z.core.$ZodIssue) => path.length === 0 && code !== 'unrecognized_keys'
  const forms = errors.filter(issues => !issues.some(isOtherForm))
  return forms.length === 1 ? forms[0] : undefined
}

/**
 * `AUSCULT_HTTP_PORT=9000` sets `http.port`, `AUSCULT_HTTP='{ port: 9000 }'` the whole section. Only paths that the schema knows are taken;
 * values are read as YAML, except where the option is text: that is taken as it stands, null aside.
 */
export function applyEnvironment(raw: unknown, schema: z.ZodType, env: NodeJS.ProcessEnv): unknown {
  let result = raw
  const all = settings(schema)
  for (const { path, isText } of all) {
    const variable = `AUSCULT_${path.join('_').toUpperCase()}`
    const text = env[variable]
    if (text === undefined) continue
    // An option of a section that is not written belongs to the form that the section has by default.
    for (let depth = 1; depth < path.length; depth++) {
      const section = path.slice(0, depth)
      if (valueAt(result, section) !== undefined) continue
      const { fallback } = all.find(other => other.path.join('.') === section.join('.'))!
      if (fallback !== null && typeof fallback === 'object') result = setPath(result, section, fallback)
    }
    result = setPath(result, path, isText ? textOf(text) : yamlOf(text, variable))
  }
  return result
}

/** What is at the path; undefined where there is nothing. */
export const valueAt = (target: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], target)

const textOf = (text: string): string | null => (/^(null|~|)$/i.test(text) ? null : text)

function yamlOf(text: string, at: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new AuscultError('AUSCULT_CONFIG', `not valid YAML: ${messageOf(cause).split('\n')[0]}`, { at, cause })
  }
}

interface Setting {
  readonly path: string[]
  readonly isText: boolean
  readonly fallback: unknown
}

/**
 * All options, with paths like `['http', 'port']`: sections before what is in them, and what any form of a union has. A record is one
 * option.
 */
function settings(schema: z.ZodType, path: string[] = []): Setting[] {
  const { inner, fallback } = unwrap(schema)
  const own = path.length ? [{ path, isText: inner instanceof z.ZodString, fallback }] : []
  if (inner instanceof z.ZodUnion) {
    const options = (inner.options as z.ZodType[]).flatMap(option => settings(option, path))
    const below = options.filter(option => option.path.length > path.length)
    return [...own, ...new Map(below.map(option => [option.path.join('.'), option])).values()]
  }
  if (!(inner instanceof z.ZodObject)) return own
  const entries = Object.entries(inner.shape)
  return [...own, ...entries.flatMap(([key, value]) => settings(value as z.ZodType, [...path, key]))]
}

/** What lies in wrappers; `fallback` is what stands for a section that is not written. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: unknown } {
  let inner: z.ZodType = schema
  let fallback: unknown
  for (;;) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) fallback ??= inner.def.defaultValue
    else if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodNullable)) return { inner, fallback }
    inner = inner.unwrap() as z.ZodType
  }
}

/** A copy with the value at the path. */
export function setPath(target: unknown, [key, ...rest]: string[], value: unknown): unknown {
  const object = target && typeof target === 'object' ? (target as Record<string, unknown>) : {}
  return { ...object, [key]: rest.length ? setPath(object[key], rest, value) : value }
}

function deepFreeze<T>(value: T): T {
  if (value && typeof value === 'object' && !ArrayBuffer.isView(value)) {
    for (const child of Object.values(value)) deepFreeze(child)
    Object.freeze(value)
  }
  return value
}
