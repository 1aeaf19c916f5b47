import { formatDuration } from '../progress.ts'
import type { Fault } from '../train/synth/index.ts'
import type { Episode } from '../types.ts'
import type { Happening } from './follower.ts'
import type { Judgement } from './judge.ts'

export const nameOf = (fault: Fault): string => fault.kind.replace('-', ' ')

/** One line for each happening, and the table at the end of a pass. */
export function narrate(happening: Happening, normalMinutes: number): string {
  switch (happening.type) {
    case 'begins':
      return row(happening.at, `${nameOf(happening.fault)} begins`, '')
    case 'ends':
      return row(happening.at, `${nameOf(happening.fault)} ends`, '')
    case 'opened': {
      const { at, fault, event } = happening
      const verdict = fault ? `${seconds(at - fault.onset)} after the onset` : 'FALSE: nothing is wrong'
      return row(at, '', `episode opened, ${verdict}, ${excess(event.episode)}`)
    }
    case 'closed': {
      const { at, event } = happening
      const { openedAt, closedAt = openedAt } = event.episode
      return row(at, '', `episode closed, lasted ${seconds((closedAt - openedAt) / 1000)}, ${excess(event.episode)}`)
    }
    case 'explained':
      return row(happening.at, '', explanation(happening.event.episode))
    case 'pass':
      return summary(happening.judgement, normalMinutes)
  }
}

export const HEADING = row('time', 'what is true', 'what the daemon says')

export function summary({ findings, falseAlarms }: Judgement, normalMinutes: number): string {
  const found = findings.filter(finding => finding.detection)
  const lines = findings.map(({ fault, delay }) => {
    const result = delay === null ? 'MISSED' : `found after ${seconds(delay)}`
    const place = `${formatDuration(fault.onset)}, ${seconds(fault.duration)}`
    return `  ${nameOf(fault).padEnd(16)} at ${place.padEnd(14)} severity ${fault.severity.toFixed(2)}   ${result}`
  })
  const total = `found ${found.length}, missed ${findings.length - found.length}, false ${falseAlarms.length} in ${normalMinutes} minutes of normal sound`
  return ['', ...lines, '', `  ${total}`, ''].join('\n')
}

function row(at: number | string, truth: string, daemon: string): string {
  const time = typeof at === 'number' ? formatDuration(at) : at
  return `  ${time.padStart(6)}  ${truth.padEnd(23)}  ${daemon}`.trimEnd()
}

const seconds = (value: number): string => `${value.toFixed(1)} s`

function explanation({ cluster, explanation }: Episode): string {
  const kind = cluster && (cluster.episodes === 1 ? 'a new kind' : `${ordinal(cluster.episodes)} of its kind`)
  return `worst second, ${[kind, explanation?.summary].filter(Boolean).join(': ')}`
}

const ordinal = (n: number): string => `${n}${n === 2 ? 'nd' : n === 3 ? 'rd' : 'th'}`

const excess = ({ peakScore, threshold }: { peakScore: number; threshold: number }): string =>
  `peak ${Number((peakScore / threshold).toPrecision(2))} × threshold`
