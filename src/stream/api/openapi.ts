import { z } from '../../config.ts'
import type { Media, Operation } from './operation.ts'
import * as schemas from './schemas.ts'

type Json = Record<string, unknown>

const REASONS: Record<number, string> = {
  200: 'Done',
  201: 'Made',
  400: 'The request is not as described',
  401: 'A token is needed (`http.token`)',
  403: 'Changes are not allowed from there',
  413: 'The body is too long',
  415: 'The body is not JSON',
  503: 'Not ready',
}
const COMPONENTS = '#/components/schemas/'

/** All operations as an OpenAPI 3.1 document. */
export function openApi(operations: readonly Operation[]): object {
  const components = componentsOf(operations)
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const [method, path] = operation.route.split(' ')
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Auscult',
      version: '1',
      summary: 'Episodes, sources and clusters of a running daemon, and what people decide about them',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The value of `http.token`' } },
    },
  }
}

function describe(operation: Operation): Json {
  const { id, tag, summary, body, route } = operation
  const isChange = !route.startsWith('GET ')
  const parameters = parametersOf(operation)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: !body.safeParse({}).success, content: json(reference(nameOf(id, 'Request'))) },
    }),
    responses: responsesOf(operation, isChange),
    // With a token, or where the daemon has none, without.
    ...(isChange && { security: [{ token: [] }, {}] }),
  }
}

function parametersOf({ params = {}, query = {} }: Operation): Json[] {
  return [
    ...Object.entries(params).map(([name, schema]) => parameter('path', name, schema as z.ZodType)),
    ...Object.entries(query).map(([name, schema]) => parameter('query', name, schema as z.ZodType)),
  ]
}

function parameter(place: 'path' | 'query', name: string, schema: z.ZodType): Json {
  const { $schema, description, ...rest } = z.toJSONSchema(schema, { io: 'output' })
  const required = !schema.safeParse(undefined).success
  return { name, in: place, required, ...(description !== undefined && { description }), schema: rest }
}

function responsesOf({ id, answers, refusals = {}, params, query, body }: Operation, isChange: boolean): Json {
  const checked = params || query || body ? [400] : []
  const guarded = isChange ? [401, 403, 413, 415] : []
  const problems = [...checked, ...guarded].map(status => [status, REASONS[status]] as const)
  const refused = [...problems, ...Object.entries(refusals)].map(
    ([status, description]) => [status, { description, content: json(reference('Problem')) }] as const,
  )
  const answered = Object.entries(answers).map(([status, answer]) => {
    const content = isMedia(answer) ? binary(answer) : json(answerReference(id, answer))
    return [status, { description: REASONS[Number(status)], content }] as const
  })
  return Object.fromEntries([...answered, ...refused])
}

const isMedia = (answer: z.ZodType | Media): answer is Media => 'types' in answer

const binary = ({ types }: Media): Json => Object.fromEntries(types.map(type => [type, {}]))

const json = (schema: Json): Json => ({ 'application/json': { schema } })

const reference = (name: string): Json => ({ $ref: `${COMPONENTS}${name}` })

const answerReference = (id: string, answer: z.ZodType): Json => reference(sharedName(answer) ?? nameOf(id, 'Answer'))

const nameOf = (id: string, suffix: string): string => `${id[0].toUpperCase()}${id.slice(1)}${suffix}`

const sharedName = (schema: z.ZodType): string | undefined =>
  Object.entries(schemas).find(([, shared]) => shared === schema)?.[0]

/** Every schema by name; what is named is referred to where it occurs in others. */
function componentsOf(operations: readonly Operation[]): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  for (const { id, body, answers } of operations) {
    if (body) registry.add(body, { id: nameOf(id, 'Request') })
    for (const answer of Object.values(answers)) {
      if (!isMedia(answer) && !sharedName(answer)) registry.add(answer, { id: nameOf(id, 'Answer') })
    }
  }
  const { schemas: found } = z.toJSONSchema(registry, { io: 'input', uri: id => `${COMPONENTS}${id}` })
  return Object.fromEntries(Object.entries(found).map(([name, { $schema, $id, ...schema }]) => [name, schema]))
}
