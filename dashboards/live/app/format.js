const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const superscript = n =>
  (n < 0 ? '⁻' : '') + [...String(Math.abs(n))].map(digit => SUPERSCRIPTS[Number(digit)]).join('')

/** Three significant digits; powers of ten beyond what reads easily: `0.912`, `34.1`, `1,230`, `4.6·10⁵`. */
export function number(value) {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (size >= 1e5 || size < 1e-3) {
    const power = Math.floor(Math.log10(size))
    const digits = Number((value / 10 ** power).toPrecision(2))
    return `${digits === 1 ? '' : `${digits}·`}10${superscript(power)}`
  }
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
}

export const count = value => value.toLocaleString('en')

/** `4.2 s`, `1:05`, `2:00:10`. */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(0, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  const two = n => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dated = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const isToday = ms => new Date(ms).toDateString() === new Date().toDateString()

/** `14:03:27` */
export const time = ms => clock.format(ms)

/** The time, with its date where that is not today. */
export const moment = ms => (isToday(ms) ? clock.format(ms) : dated.format(ms))

/** `4.1×` */
export const times = ratio => `${number(Number(ratio.toPrecision(2)))}×`

/** `41 %` */
export const percent = fraction => `${number(100 * fraction)} %`

/** `3 s ago`, `2 h ago`; of times of the same clock. */
export function ago(ms, now) {
  const seconds = Math.max(0, (now - ms) / 1000)
  if (seconds < 90) return `${Math.round(seconds)} s ago`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} days ago`
}
