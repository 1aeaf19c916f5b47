import { z } from './config.ts'

/** Width that comments are wrapped at. */
const WIDTH = 110

/**
 * A schema printed as commented YAML: every option with its description, allowed values and default. Required options show their
 * `example` (`.meta({ example })`), optional ones without a default are commented out, and so are the other forms of a union.
 * The result passes the schema where every required option has an example.
 */
export function configSample(schema: z.ZodType): string {
  return `${block(schema, undefined).join('\n')}\n`
}

interface Facts {
  inner: z.ZodType
  description: string | undefined
  example: unknown
  fallback: unknown
  optional: boolean
}

/** What the wrappers around a schema say; the outermost wins. */
function unwrap(schema: z.ZodType): Facts {
  const facts: Facts = {
    inner: schema,
    description: undefined,
    example: undefined,
    fallback: undefined,
    optional: false,
  }
  for (;;) {
    const meta = facts.inner.meta()
    facts.description ??= meta?.description
    facts.example ??= meta?.example
    const inner = facts.inner
    const isOutermost = facts.fallback === undefined
    if (isOutermost && (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault))
      facts.fallback = inner.def.defaultValue
    if (inner instanceof z.ZodOptional) facts.optional = true
    if (inner instanceof z.ZodPipe) facts.inner = inner.in as z.ZodType
    else if (isWrapper(inner)) facts.inner = inner.unwrap() as z.ZodType
    else return facts
  }
}

const isWrapper = (schema: z.ZodType) =>
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPrefault ||
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodNullable

/** Lines of an object or union; a single line `value` of anything else. */
function block(schema: z.ZodType, given: unknown): string[] {
  const { inner, fallback, example } = unwrap(schema)
  const value = given ?? example ?? fallback
  if (inner instanceof z.ZodObject) return objectLines(inner, value)
  if (inner instanceof z.ZodUnion && isObjectUnion(inner)) return unionLines(inner, value)
  if (inner instanceof z.ZodArray && isMapping(unwrap(inner.element as z.ZodType).inner)) {
    const items = Array.isArray(value) && value.length > 0 ? value : [undefined]
    return items.flatMap(item => indent(block(inner.element as z.ZodType, item), '- '))
  }
  if (isNamedMappings(inner) && value) {
    const lines = (item: unknown) => indent(block(inner.valueType as z.ZodType, item), '  ')
    return Object.entries(value).flatMap(([name, item]) => [`${name}:`, ...lines(item)])
  }
  return [inline(value === undefined ? placeholder(inner) : value)]
}

function objectLines(schema: z.ZodObject, value: unknown): string[] {
  const given = (value ?? {}) as Record<string, unknown>
  return Object.entries(schema.shape).flatMap(([key, child]) => entryLines(key, child as z.ZodType, given[key]))
}

function entryLines(key: string, schema: z.ZodType, given: unknown): string[] {
  const facts = unwrap(schema)
  const value = given ?? facts.fallback
  const absent = value === undefined && facts.optional
  const free = facts.optional || isMapping(facts.inner) || facts.inner instanceof z.ZodLiteral
  const required = value === undefined && !free ? 'required' : undefined
  const values = allowed(facts.inner)
  const notes = [facts.description, values && `(${values})`, required && '– required'].filter(Boolean).join(' ')
  const body = block(schema, given)
  const isList = facts.inner instanceof z.ZodArray && body[0]?.startsWith('- ')
  const nested = isMapping(facts.inner) || isList || (isNamedMappings(facts.inner) && body[0]?.endsWith(':'))
  // A mapping of which nothing but comments is left would be null.
  const empty = body.every(line => line.startsWith('#')) ? ' {}' : ''
  const lines = nested ? [`${key}:${empty}`, ...indent(body, '  ', '  ')] : [`${key}: ${body[0]}`]
  if (nested && value === null) return [...comment(notes), `${key}: null`, ...lines.map(line => `# ${line}`)]
  return [
    ...comment(notes),
    ...(absent ? lines.map(line => `# ${line}`) : lines),
    ...otherForms(key, facts.inner, notes),
  ]
}

/** The mappings of a union of plain values and mappings, as comments. */
function otherForms(key: string, schema: z.ZodType, notes: string): string[] {
  if (!(schema instanceof z.ZodUnion) || isObjectUnion(schema)) return []
  const said = new Set(comment(notes))
  return mappingsOf(schema).flatMap(option => {
    const form = block(option, undefined).filter(line => !said.has(line))
    for (const line of form.filter(isComment)) said.add(line)
    return ['# or', `# ${key}:`, ...form.map(line => `#   ${line}`)]
  })
}

const mappingsOf = (union: z.ZodUnion): z.ZodType[] =>
  (union.options as z.ZodType[]).flatMap(option => {
    const { inner } = unwrap(option)
    if (inner instanceof z.ZodUnion) return mappingsOf(inner)
    return inner instanceof z.ZodObject ? [inner] : []
  })

/** The default's form of the union, then the others as comments; what a comment says is said once. */
function unionLines(union: z.ZodUnion, value: unknown): string[] {
  const options = union.options as z.ZodType[]
  const active = options.find(option => option.safeParse(value).success) ?? options[0]
  const lines = block(active, value)
  const said = new Set(lines.filter(isComment))
  for (const option of options.filter(other => other !== active)) {
    const form = block(option, undefined).filter(line => !(isComment(line) && said.has(line)))
    for (const line of form.filter(isComment)) said.add(line)
    lines.push('# or', ...form.map(line => `#   ${line}`))
  }
  return lines
}

const isComment = (line: string): boolean => line.startsWith('# ')

const isObjectUnion = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodUnion && (schema.options as z.ZodType[]).every(option => isMapping(unwrap(option).inner))

const isMapping = (schema: z.ZodType): boolean => schema instanceof z.ZodObject || isObjectUnion(schema)

/** Mappings by a name that the user chooses, such as the sources of a daemon. */
const isNamedMappings = (schema: z.ZodType): schema is z.ZodRecord =>
  schema instanceof z.ZodRecord && isMapping(unwrap(schema.valueType as z.ZodType).inner)

function allowed(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodEnum) return schema.options.join(' | ')
  if (schema instanceof z.ZodUnion && !isObjectUnion(schema)) return forms(schema).join(' | ')
  if (!(schema instanceof z.ZodNumber)) return undefined
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = z.toJSONSchema(schema)
  const safe = (n: unknown) => typeof n === 'number' && Math.abs(n) < Number.MAX_SAFE_INTEGER
  const bounds = [
    safe(exclusiveMinimum) ? `above ${exclusiveMinimum}` : safe(minimum) && `from ${minimum}`,
    safe(exclusiveMaximum) ? `below ${exclusiveMaximum}` : safe(maximum) && `to ${maximum}`,
  ]
  return bounds.filter(Boolean).join(', ') || undefined
}

/** What a union of plain values allows: `auto`, `number`, … */
function forms(union: z.ZodUnion): string[] {
  return (union.options as z.ZodType[]).map(option => {
    const { inner } = unwrap(option)
    if (isMapping(inner) || inner instanceof z.ZodRecord) return 'a mapping'
    if (inner instanceof z.ZodLiteral) return [...inner.values].map(String).join(' | ')
    return inner instanceof z.ZodEnum ? inner.options.join(' | ') : inner.type
  })
}

function placeholder(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodLiteral) return [...schema.values][0]
  if (schema instanceof z.ZodEnum) return schema.options[0]
  if (schema instanceof z.ZodNumber) return Math.max(1, Number.isFinite(schema.minValue) ? Number(schema.minValue) : 1)
  if (schema instanceof z.ZodBoolean) return false
  if (schema instanceof z.ZodArray) return []
  if (schema instanceof z.ZodRecord || schema instanceof z.ZodObject) return {}
  if (schema instanceof z.ZodUnion) return placeholder(unwrap(schema.options[0] as z.ZodType).inner)
  return '…'
}

/** YAML flow form. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (value && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${inline(item)}`)
      .join(', ')} }`.replace('{  }', '{}')
  }
  const plain =
    typeof value === 'string' &&
    /^[A-Za-z_./][\w./-]*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off|y|n|\.inf|\.nan)$/i.test(value)
  return plain ? value : JSON.stringify(value)
}

function comment(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}

const indent = (lines: string[], first: string, rest = '  ') => lines.map((line, i) => (i === 0 ? first : rest) + line)
