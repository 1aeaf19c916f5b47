import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import type { Call } from '../http/answer.ts'
import type { Input, Operation } from './operation.ts'

/** @throws AUSCULT_USAGE with all that is wrong with the request at once */
export function checkCall({ params = {}, query, body, route }: Operation, call: Call): Input {
  const schema = z.object({
    path: z.strictObject(params),
    query: query ? z.strictObject(query) : z.unknown(),
    body: body ?? z.unknown(),
  })
  const { success, data, error } = schema.safeParse({
    path: call.params,
    query: recordOf(call.query),
    body: call.body,
  })
  if (success) return { params: data.path, query: data.query as Input['query'], body: data.body, from: call.from }
  throw new AuscultError('AUSCULT_USAGE', error.issues.flatMap(describe).join('; '), {
    at: route,
    remedy: '/v1/openapi.json describes every request.',
  })
}

/** What is given more than once becomes a list, which few schemas take. */
function recordOf(query: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(query.keys())]
  return Object.fromEntries(
    names.map(name => {
      const values = query.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

function describe(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => `${place}.${key}: not known here`)
  return [`${place}: ${issue.message}`]
}
