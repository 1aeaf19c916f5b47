/**
 * Aborts with `signal`, or after `seconds`. (`AbortSignal.any` with `AbortSignal.timeout` does not do: nothing but the timer holds the latter, and
 * when it is collected as garbage, which a process that runs for minutes gets to, it never aborts.) Keeps no process alive.
 */
export function timeLimit(signal: AbortSignal, seconds: number): AbortSignal {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`${seconds} s are over`)), seconds * 1000)
  timer.unref()
  const abort = () => {
    clearTimeout(timer)
    controller.abort(signal.reason)
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}
