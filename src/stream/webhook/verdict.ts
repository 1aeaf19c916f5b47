import type { Reply } from './post.ts'

/** What an answer means: it has arrived, it may do so later, it never will, or nothing is wanted any more. */
export type Verdict =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly afterMs?: number }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'gone'; readonly reason: string }

/** Longer than this no receiver can ask to be left alone. */
const MOST_WAIT_MS = 3_600_000
/** These may be different next time: not now, too early, too many. */
const LATER = [408, 425, 429]

export function verdictOf({ status, retryAfter, text }: Reply, now: number): Verdict {
  if (status >= 200 && status < 300) return { outcome: 'delivered' }
  const reason = `status ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 410) return { outcome: 'gone', reason }
  if (status >= 500 || LATER.includes(status)) return { outcome: 'failed', reason, afterMs: waitOf(retryAfter, now) }
  if (status >= 300 && status < 400) return { outcome: 'refused', reason: `${reason} (redirects are not followed)` }
  return { outcome: 'refused', reason }
}

/** Milliseconds of `Retry-After`: seconds, or a date. Undefined where it is neither. */
function waitOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(ms) ? Math.min(MOST_WAIT_MS, Math.max(0, ms)) : undefined
}
