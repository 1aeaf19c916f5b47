import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js'
import { openApiDocument } from '../../src/stream/api/operations.ts'

interface Media {
  content: Record<string, { schema?: { $ref?: string } }>
}

/** An operation, as the document describes it. */
export interface Described {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required: boolean; schema: AnySchema }[]
  requestBody?: Media & { required: boolean }
  responses: Record<string, Media & { description: string }>
  security?: Record<string, string[]>[]
}

export const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  openapi: string
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, AnySchema>; securitySchemes: Record<string, unknown> }
}

export const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })),
)

export const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true })
ajv.addVocabulary(['components'])
ajv.addSchema({ $id: 'openapi', components: document.components } as AnySchema, 'openapi')

export const validatorOf = (reference: string): ValidateFunction => ajv.compile({ $ref: `openapi${reference}` })

/** The operation that answers `METHOD /path?query`: literal segments count more than parameters. */
export function descriptionOf(request: string) {
  const [method, path] = request.split('?')[0].split(' ')
  const fits = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
  return described
    .filter(({ route, path: template }) => route.startsWith(`${method} `) && fits(template))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
}

/** What is wrong with an answer of this status, by its description; empty when nothing is. */
export function faultsOf(request: string, status: number, answered: unknown): string {
  const reference = descriptionOf(request).operation.responses[status]?.content['application/json']?.schema?.$ref
  if (!reference) return `${status} is not described as JSON`
  const validate = validatorOf(reference)
  return validate(answered) ? '' : JSON.stringify(validate.errors)
}
