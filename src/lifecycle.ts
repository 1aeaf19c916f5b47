import { AuscultError } from './errors.ts'

/** A part of the daemon that is started and stopped. Its constructor does nothing; `start` touches the world. */
export interface Service {
  readonly name: string
  /** Resolves when the service works. Must give up soon after the signal aborts. */
  start(signal: AbortSignal): Promise<void>
  /** Lets go of everything by `deadline` (ms since the epoch). Called once, also after a failed start of a later service. */
  stop(deadline: number): Promise<void>
}

/**
 * Starts services in order. When one fails, those already started are stopped in reverse order and the error is rethrown.
 * @returns the function that stops them all in reverse order; each gets what is left of `graceMs`.
 */
export async function startAll(
  services: readonly Service[],
  signal: AbortSignal,
  graceMs = 10_000,
  onStopError: (service: string, error: unknown) => void = () => {},
): Promise<() => Promise<void>> {
  const started: Service[] = []
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll(started, Date.now() + graceMs, onStopError)
    return stopping
  }
  try {
    for (const service of services) {
      signal.throwIfAborted()
      await service.start(signal)
      started.push(service)
    }
    signal.throwIfAborted()
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

async function stopAll(
  started: readonly Service[],
  deadline: number,
  onError: (service: string, error: unknown) => void,
): Promise<void> {
  for (const service of [...started].reverse()) {
    try {
      await within(service.stop(deadline), deadline, service.name)
    } catch (error) {
      onError(service.name, error)
    }
  }
}

/** Waits for `work` until `deadline`, then fails with AUSCULT_TIMEOUT. */
async function within(work: Promise<void>, deadline: number, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    const late = () => reject(new AuscultError('AUSCULT_TIMEOUT', `${name} did not stop in time`))
    timer = setTimeout(late, Math.max(0, deadline - Date.now()))
  })
  try {
    await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
