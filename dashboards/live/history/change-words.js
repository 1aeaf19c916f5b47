import { duration, number, times } from '../app/format.js'
import { endingText, lasted, plural } from '../episodes/words.js'
import { decisionSentence } from './decision-words.js'

/** Kinds of changes, as filters name them. */
export const KINDS = {
  episode: 'episodes',
  cluster: 'clusters',
  drift: 'drift',
  source: 'troubles of feeds',
  decision: 'decisions',
}

const EPISODES = {
  'episode.opened': ['opened', each => `an episode began, score ${number(each.peak_score)}, ${peak(each)}`],
  'episode.updated': ['goes on', each => `${plural(each.windows, 'window')} so far, ${peak(each)}`],
  'episode.closed': ['closed', each => `${duration(lasted(each))}, ${peak(each)}; ${endingText(each.close_reason)}`],
  'episode.explained': ['explained', each => each.explanation?.summary ?? ''],
  'episode.acknowledged': ['seen', ({ acknowledged }) => (acknowledged ? by(acknowledged) : '')],
  'episode.muted': ['muted', ({ muted }) => (muted ? `by ${muted.id}` : '')],
}

const DRIFTS = {
  level: 'the level of its scores moves',
  distribution: 'its scores are another population than the calibration',
  absorbed: 'a level above the threshold is the new normal',
}

const CONDITIONS = {
  down: 'down',
  silence: 'silence',
  flat_line: 'flat line',
  clipping: 'clipping',
  wrong_rate: 'wrong rate',
}

const peak = ({ peak_score: score, threshold }) => `peak ${times(score / threshold)}`
const by = ({ who, note }) => (note ? `by ${who}: ${note}` : `by ${who}`)

/**
 * An event as a line of the history.
 * @param {(cluster: number) => string} nameOf
 * @returns {{ time: number, source: string, name: string, text: string, tone: string, episode?: string }} `tone`: alarm, warn, good or plain
 */
export function changeWords(event, nameOf) {
  const kind = event.type.split('.', 1)[0]
  const { source, time } = event
  if (kind === 'episode') return episodeWords(event)
  if (kind === 'cluster') return { time, source, ...clusterWords(event, nameOf) }
  if (kind === 'drift') return { time, source, ...driftWords(event) }
  if (kind === 'source') return { time, source, ...troubleWords(event) }
  if (kind !== 'decision') return { time, source, name: event.type, text: '', tone: 'plain' }
  const text = `${event.who}: ${decisionSentence(event, nameOf)}${event.note ? ` (${event.note})` : ''}`
  return { time, source, name: 'decided', text, tone: 'plain', episode: event.episode_id }
}

function episodeWords({ type, episode }) {
  const [name, words] = EPISODES[type] ?? [type, () => '']
  const { id, source, opened_at, last_at, closed_at, acknowledged } = episode
  const ends = type === 'episode.opened' ? opened_at : (closed_at ?? last_at)
  const time = type === 'episode.acknowledged' ? (acknowledged?.at ?? ends) : ends
  const tone = type === 'episode.opened' ? 'alarm' : type === 'episode.closed' ? 'good' : 'plain'
  return { time, source, name, text: words(episode), tone, episode: id }
}

function clusterWords({ type, cluster, into, label }, nameOf) {
  const name = label ?? nameOf(cluster)
  const texts = {
    'cluster.born': ['new kind', `${name}: nothing like it was there before`],
    'cluster.merged': ['merged', `${name} became a part of ${nameOf(into)}`],
    'cluster.split': ['split', `a part of ${name} is ${nameOf(into)} now`],
    'cluster.forgotten': ['forgotten', `${name} has not come for long`],
  }
  const [title, text] = texts[type] ?? [type, name]
  return { name: title, text, tone: 'plain' }
}

function driftWords({ type, kind, before, after }) {
  const levels = `${number(before)} → ${number(after)}`
  if (type === 'drift.over') return { name: 'drift over', text: `scores are as before: ${levels}`, tone: 'good' }
  return { name: 'drift', text: `${DRIFTS[kind] ?? kind}: ${levels}`, tone: 'warn' }
}

function troubleWords({ type, condition, message }) {
  const name = CONDITIONS[condition] ?? condition
  if (type === 'source.recovered') return { name: `${name} over`, text: 'the feed is well again', tone: 'good' }
  return { name, text: message, tone: 'warn' }
}
