import { AuscultError } from '../errors.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds of `90s`, `30m`, `8h`, `2d`, `1h30m`. @throws AUSCULT_USAGE */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?) ?(s|m|h|d|w)/g)]
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit], 0)
  if (seconds > 0 && parts.map(([part]) => part).join('') === text.replaceAll(/\s+(?=\d)/g, '')) return seconds
  throw new AuscultError('AUSCULT_USAGE', `not a duration: ${text}`, { remedy: 'Write 90s, 30m, 8h, 2d or 1h30m.' })
}

/** A time in ms since the epoch, from `7d` (so long before `now`), `2026-11-15`, `2026-11-15 08:00` (local) or ISO 8601. @throws AUSCULT_USAGE */
export function parseTime(text: string, now: number): number {
  if (/^\d+(\.\d+)? ?[smhdw]/.test(text)) return now - parseDuration(text) * 1000
  const [, date, clock = '00:00', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text) ?? []
  const time = date === undefined ? Number.NaN : Date.parse(`${date}T${clock}${zone}`)
  if (Number.isFinite(time)) return time
  const remedy = 'Write 7d, 8h or 30m for so long ago, 2026-11-15, or "2026-11-15 08:00".'
  throw new AuscultError('AUSCULT_USAGE', `not a time: ${text}`, { remedy })
}

/** `0.3 s`, `45 s`, `3 min`, `2 h 5 min`, `3 d`: two units at most. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  const [size, unit, part, partUnit] = seconds < 86_400 ? [3600, 'h', 60, 'min'] : [86_400, 'd', 3600, 'h']
  const parts = Math.round(seconds / part)
  const whole = Math.floor((parts * part) / size)
  const rest = parts - (whole * size) / part
  return rest > 0 && whole < 10 ? `${whole} ${unit} ${rest} ${partUnit}` : `${whole} ${unit}`
}

/** `3 min ago`, `in 2 h`, `now`. */
export function relative(time: number, now: number): string {
  const away = now - time
  if (Math.abs(away) < 1000) return 'now'
  return away > 0 ? `${durationText(away)} ago` : `in ${durationText(-away)}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** In local time, as short as it can be told from `now`: `14:03:07`, `11-22 14:03`, `2025-11-22`. */
export function shortTime(time: number, now: number): string {
  const [date, clock] = fullTime(time).split(' ')
  const [today] = fullTime(now).split(' ')
  if (date === today) return clock
  return date.slice(0, 4) === today.slice(0, 4) ? `${date.slice(5)} ${clock.slice(0, 5)}` : date
}

/** In local time: `2026-11-22 14:03:07`. */
export function fullTime(time: number): string {
  const date = new Date(time)
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}

/** `2026-11-22 14:03:07 (3 min ago)` */
export const fully = (time: number, now: number): string => `${fullTime(time)} (${relative(time, now)})`
