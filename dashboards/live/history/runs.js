/**
 * An open episode tells every second how it is. Only the latest of such updates that follow one another is left, with `times`: how many
 * there were.
 * @param {object[]} events the latest first
 */
export function inRuns(events) {
  const runs = new Map()
  const shown = []
  for (const event of events) {
    const id = event.episode?.id
    const run = runs.get(id)
    if (event.type === 'episode.updated' && run) {
      run.times++
      continue
    }
    const entry = { ...event, times: 1 }
    if (id !== undefined) runs.delete(id)
    if (event.type === 'episode.updated') runs.set(id, entry)
    shown.push(entry)
  }
  return shown
}
