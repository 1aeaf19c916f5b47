// Puts aside the recordings of `auscult record` in which episodes lie, so that a model is not trained on faults:
//   auscult ctl export episodes --since 7d --format jsonl --out episodes.jsonl
//   node docs/examples/leave-out.mjs episodes.jsonl recordings/pump aside
// Episodes that were false alarms stay: what they sounded like is normal, and is to be learned.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Windows before and after an episode that may hold a part of it. */
const MARGIN_MS = 10_000

const [list, folder, aside] = process.argv.slice(2)
const source = basename(folder)
const episodes = readFileSync(list, 'utf8')
  .split('\n')
  .filter(line => line !== '')
  .map(line => JSON.parse(line))
  .filter(episode => episode.source === source && episode.muted?.reason !== 'false_alarm')

// pump-20260131T120000.250Z.wav: the time of its first sample. A recording ends where the next one begins, the last when it was written.
const recordings = readdirSync(folder)
  .filter(name => name.startsWith(`${source}-`) && !name.endsWith('.part'))
  .sort()
  .map(name => ({ name, begins: timeOf(name) }))
mkdirSync(aside, { recursive: true })
const moved = recordings.filter(({ name, begins }, i) => {
  const ends = recordings[i + 1]?.begins ?? statSync(join(folder, name)).mtimeMs
  return episodes.some(({ opened_at, closed_at }) => {
    return opened_at - MARGIN_MS < ends && (closed_at ?? Date.now()) + MARGIN_MS > begins
  })
})
for (const { name } of moved) renameSync(join(folder, name), join(aside, name))
console.log(`${episodes.length} episodes: ${moved.length} of ${recordings.length} recordings put aside`)

function timeOf(name) {
  const [, year, month, day, hour, minute, second] = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)([\d.]+)Z/.exec(name)
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
