import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'

/** A number as JSON keeps it. */
export const finite = z.number()
export const count = z.number().int().nonnegative()

/**
 * Checks a snapshot before any of it is taken over, so that a damaged one leaves the old state as it was.
 * @param what names it in errors: `drift state`, `reservoir`, …
 * @throws AUSCULT_STATE
 */
export function checkState<T>(raw: unknown, schema: z.ZodType<T>, what: string): T {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]
  throw damaged(what, `${path.join('.') || '(top level)'}: ${message}`)
}

/** The error of a snapshot whose parts do not fit each other, or not the options of now. */
export function damaged(what: string, problem: string): AuscultError {
  return new AuscultError('AUSCULT_STATE', `the saved ${what} cannot be used: ${problem}`, {
    remedy: 'It is of another version or was changed. Remove it to begin anew.',
  })
}
