import { formatDuration } from '../../progress.ts'
import { EVALUATION_STYLE } from '../evaluation-report/style.ts'
import { formatNumber, linearAxis, linearScale } from '../report/axis.ts'
import { escapeHtml, table } from '../report/html.ts'
import { figures, note, page, section } from '../report/page.ts'
import { describeValue } from './members.ts'
import type { Done, MemberResult, SweepResult } from './result.ts'
import { describeOrder, sweepTable } from './text.ts'

/** One HTML file that needs nothing else: the table of results, and what each option does to them. */
export function renderSweep(result: SweepResult): string {
  const { name, created, done, failed, missing, best, seconds } = result
  const { header, rows } = sweepTable(result)
  const order = describeOrder(result)
  const words =
    result.sorted_by === 'roc_auc'
      ? 'Whoever chooses a model by these labels must judge it by others: the best of many is lucky, too.'
      : 'Losses of models with other features, normalisation or loss do not compare; labels do.'
  const sections = [
    figures([
      ['Models', String(result.members.length)],
      ['Trained', String(done)],
      ['Failed', String(failed)],
      ...(missing ? ([['Missing', String(missing)]] as const) : []),
      ['Best', best ?? '–'],
      ['Time', formatDuration(seconds)],
    ]),
    section(`Results, by ${order}`, `<div class="wide">${table(header, rows)}</div>${note(words)}`),
    ...strips(result).map(({ parameter, html }) => section(parameter, html)),
  ]
  return page(
    name,
    `Sweep report, ${created.replace('T', ' ').replace(/\..*/, ' UTC')}`,
    sections,
    EVALUATION_STYLE + STYLE,
  )
}

/** For each option with several values: the results of each value as dots, so that one sees whether it matters. */
function strips(result: SweepResult): { parameter: string; html: string }[] {
  const done = result.members.filter(member => member.state === 'done') as (MemberResult & Done)[]
  const figureOf = (member: Done) => member[result.sorted_by]
  const figures = done.map(figureOf).filter(value => value !== null)
  if (figures.length < 2) return []
  const [low, high] = [Math.min(...figures), Math.max(...figures)]
  const at = linearScale(low, high, 2, 98)
  const { ticks } = linearAxis('', low, high)
  const marks = ticks.map(({ at: share, text }) => `<span style="left:${2 + 96 * share}%">${escapeHtml(text)}</span>`)
  return Object.keys(done[0].values).flatMap(parameter => {
    const groups = new Map<string, (MemberResult & Done)[]>()
    for (const member of done) {
      const value = describeValue(member.values[parameter])
      groups.set(value, [...(groups.get(value) ?? []), member])
    }
    if (groups.size < 2) return []
    const rows = [...groups].map(([value, members]) => {
      const dots = members.map(member => {
        const figure = figureOf(member)
        if (figure === null) return ''
        return `<i style="left:${at(figure).toFixed(2)}%" title="${member.id}: ${formatNumber(figure)}"></i>`
      })
      return `<div class="strip"><b>${escapeHtml(value)}</b><div class="area dots c1">${dots.join('')}</div><span class="n">${members.length}</span></div>`
    })
    const axis = `<div class="strip"><div class="x-ticks">${marks.join('')}</div></div><div class="strip"><div class="x-label">${escapeHtml(describeOrder(result))}</div></div>`
    return [{ parameter, html: rows.join('') + axis }]
  })
}

const STYLE = `
.wide { overflow-x: auto } .wide td { white-space: nowrap } .wide td:last-child { white-space: normal; min-width: 200px }
.strip .dots { height: 24px } .dots i { position: absolute; top: 8px; width: 9px; height: 9px; margin-left: -4.5px; border-radius: 50%;
  background: currentColor; opacity: .6 }
`
