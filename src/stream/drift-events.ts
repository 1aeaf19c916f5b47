import type { BaselineChange } from '../model/drift/baseline.ts'
import type { DriftEvent } from '../types.ts'

/**
 * The events that a change of what is normal gives. A level that was absorbed is one event, and its return another, of the kind
 * `absorbed`: what the detector of drift says of the same change is left out, unless drift was on before.
 */
export function driftEvents(source: string, { drift, shift, psi }: BaselineChange): DriftEvent[] {
  const events = drift
    .filter(({ begunBy }) => begunBy !== 'level_shift')
    .map(({ kind, change, time, since, before, after, psi }) => {
      return event(source, kind, change === 'began', { time, since, before, after, psi })
    })
  if (!shift) return events
  const { change, time, since, before, after } = shift
  return [event(source, 'absorbed', change === 'absorbed', { time, since, before, after, psi }), ...events]
}

type Facts = Pick<DriftEvent, 'time' | 'since' | 'before' | 'after' | 'psi'>

function event(source: string, kind: DriftEvent['kind'], began: boolean, facts: Facts): DriftEvent {
  const change = began ? 'began' : 'over'
  const eventId = `${source}/drift/${kind}/${change}/${facts.time}`
  return { type: `drift.${change}`, eventId, source, kind, ...facts }
}
