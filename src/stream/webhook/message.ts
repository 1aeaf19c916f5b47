import { kindOf, timeOf } from '../event-facts.ts'
import { type EventJson, numbered } from '../event-json.ts'
import { eventText } from '../event-text.ts'
import { isoTime } from '../export/csv.ts'
import type { StoredText } from '../store/event-store.ts'
import type { WebhookConfig } from './config.ts'
import { headerId } from './signature.ts'

/** What is told later than this says when it was. */
const LATE_MS = 120_000

/** What is sent, but for its headers. */
export interface Message {
  /** The same whenever the same input is read again. */
  readonly id: string
  /** JSON. */
  readonly body: string
}

export interface Surroundings {
  /** Which store the numbers of the events are of. */
  readonly store: string
  /** Where people reach the page; null: no links. */
  readonly publicUrl: string | null
}

/** Whether a webhook wants to hear of this. */
export function isWanted(event: EventJson, { on, sources, min_score, muted }: WebhookConfig): boolean {
  if (!on.includes(event.type) && !on.includes(kindOf(event.type))) return false
  const source = 'episode' in event ? event.episode.source : event.source
  if (sources !== null && !sources.includes(source)) return false
  if (!('episode' in event)) return true
  // That it is muted from now on is for those who were told of its beginning.
  if (event.episode.muted && !muted && event.type !== 'episode.muted') return false
  return min_score === null || event.episode.peak_score >= min_score
}

/**
 * `text` and `link` for people, the event as it is stored for programs. Chat servers show the text, and pass over what they do not know;
 * there is no `type` beside it, which Mattermost takes for one of its own.
 */
export function messageOf(
  { seq, text }: StoredText,
  event: EventJson,
  { store, publicUrl }: Surroundings,
  now: number,
): Message {
  const link = publicUrl === null ? undefined : linkOf(event, publicUrl)
  const time = isoTime(timeOf(event))
  const isLate = Math.abs(now - timeOf(event)) > LATE_MS
  const words = [chatText(eventText(event)), isLate && time !== undefined && `(${time})`, link]
  const head = { text: words.filter(Boolean).join(' '), link, time, store }
  return { id: headerId(event.event_id), body: `${JSON.stringify(head).slice(0, -1)},"event":${numbered(seq, text)}}` }
}

/** What a receiver is tried with. */
export function testMessage(webhook: string, now: number, { store, publicUrl }: Surroundings): Message {
  const time = new Date(now).toISOString()
  const id = `test/${webhook}/${now}`
  const link = publicUrl ?? undefined
  const text = `Auscult reaches this webhook (${webhook}).${link === undefined ? '' : ` ${link}`}`
  return { id, body: JSON.stringify({ text, link, time, store, event: { type: 'test', event_id: id, webhook } }) }
}

function linkOf(event: EventJson, publicUrl: string): string {
  const page = `${publicUrl.replace(/\/+$/, '')}/#`
  if ('episode' in event) return `${page}/episode/${encodeURIComponent(event.episode.id)}`
  if ('action' in event) return `${page}/audit`
  if ('window' in event) return `${page}/map`
  return `${page}/source/${encodeURIComponent(event.source)}`
}

/** Names and notes come from outside: they must not ring everybody, nor hide a link behind words. */
const chatText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/@(?=(?:all|channel|everyone|here)\b)/gi, '@\u200b')
