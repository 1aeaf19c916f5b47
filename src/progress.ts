/** Where progress is written: stderr, or a test's array. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressState {
  /** What is being done: `epoch 3/100`. */
  title: string
  done: number
  total: number
  /** Shown behind the bar: `loss 0.0123`. */
  details?: readonly string[]
  /** Seconds until the whole work ends; computed from the pace of this title where it is not given. */
  secondsLeft?: number
}

/** Shows how far a long job is. On a terminal one line is redrawn; elsewhere plain lines are written now and then. */
export interface Progress {
  update(state: ProgressState): void
  /** A line that stays. */
  line(text: string): void
  /** A line that is written only where there is no terminal, and so no bar. */
  plain(text: string): void
  /** Removes the bar. */
  close(): void
}

const BAR = 24
const REDRAW_MS = 100
const PLAIN_MS = 10_000

export function createProgress(stream: ProgressStream = process.stderr, now: () => number = Date.now): Progress {
  const interval = stream.isTTY ? REDRAW_MS : PLAIN_MS
  let title = ''
  let startedAt = 0
  let startedDone = 0
  let writtenAt = stream.isTTY ? Number.NEGATIVE_INFINITY : now()
  let drawn = false

  const erase = () => {
    if (drawn) stream.write('\r\x1b[2K')
    drawn = false
  }
  const left = ({ done, total, secondsLeft }: ProgressState): number | undefined => {
    if (secondsLeft !== undefined) return secondsLeft
    const pace = (done - startedDone) / (now() - startedAt)
    return pace > 0 ? (total - done) / pace / 1000 : undefined
  }

  return {
    update(state) {
      if (state.title !== title) {
        title = state.title
        startedAt = now()
        startedDone = state.done
      }
      if (now() - writtenAt < interval) return
      writtenAt = now()
      const fraction = state.total > 0 ? Math.min(1, state.done / state.total) : 0
      const seconds = left(state)
      const time = seconds === undefined ? [] : [`${formatDuration(seconds)} left`]
      const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`
      const details = [...(state.details ?? []), ...time].join(' · ')
      if (!stream.isTTY) {
        stream.write(`${[title, percent.trim(), details].filter(Boolean).join(' · ')}\n`)
        return
      }
      const columns = (stream.columns || 80) - 1
      const width = Math.max(0, Math.min(BAR, columns - title.length - percent.length - details.length - 4))
      const full = Math.round(fraction * width)
      const bar = '█'.repeat(full) + '░'.repeat(width - full)
      erase()
      stream.write(`${title} ${bar} ${percent}  ${details}`.slice(0, columns))
      drawn = true
    },
    line(text) {
      erase()
      stream.write(`${text}\n`)
    },
    plain(text) {
      if (!stream.isTTY) stream.write(`${text}\n`)
    },
    close: erase,
  }
}

/** A progress that shows nothing. */
export const silentProgress: Progress = { update() {}, line() {}, plain() {}, close() {} }

/** `0:07`, `12:30`, `1:02:30`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
