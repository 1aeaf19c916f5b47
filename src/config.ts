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
 * `AUSCULT_HTTP_PORT=9000` sets `http.port`. Only paths that the schema knows are taken; values are read as YAML, except
 * where the option is text: that is taken as it stands, null aside.
 */
export function applyEnvironment(raw: unknown, schema: z.ZodType, env: NodeJS.ProcessEnv): unknown {
  let result = raw
  for (const { path, isText } of leaves(schema)) {
    const variable = `AUSCULT_${path.join('_').toUpperCase()}`
    const text = env[variable]
    if (text !== undefined) result = setPath(result, path, isText ? textOf(text) : yamlOf(text, variable))
  }
  return result
}

const textOf = (text: string): string | null => (/^(null|~|)$/i.test(text) ? null : text)

function yamlOf(text: string, at: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new AuscultError('AUSCULT_CONFIG', `not valid YAML: ${messageOf(cause).split('\n')[0]}`, { at, cause })
  }
}

interface Leaf {
  readonly path: string[]
  readonly isText: boolean
}

/** All leaves below nested objects, with paths like `['http', 'port']`. Records and unions are leaves. */
function leaves(schema: z.ZodType, path: string[] = []): Leaf[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) {
    const isText = (inner instanceof z.ZodNullable ? unwrap(inner.unwrap() as z.ZodType) : inner) instanceof z.ZodString
    return path.length ? [{ path, isText }] : []
  }
  return Object.entries(inner.shape).flatMap(([key, value]) => leaves(value as z.ZodType, [...path, key]))
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner: z.ZodType = schema
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap() as z.ZodType
  }
  return inner
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
