const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' }
const day = { day: 'numeric', month: 'short' }
const today = new Intl.DateTimeFormat('en-GB', clock)
const thisYear = new Intl.DateTimeFormat('en-GB', { ...day, ...clock })
const anyTime = new Intl.DateTimeFormat('en-GB', { ...day, ...clock, year: 'numeric' })

/** Times of lists that go back for months: to the second, and with as much of the date as is needed. */
export const moments = {
  short(ms, now = Date.now()) {
    const [date, other] = [new Date(ms), new Date(now)]
    if (date.toDateString() === other.toDateString()) return today.format(ms)
    return (date.getFullYear() === other.getFullYear() ? thisYear : anyTime).format(ms)
  },
  full: ms => anyTime.format(ms),
  iso: ms => new Date(Math.round(ms)).toISOString(),
}
