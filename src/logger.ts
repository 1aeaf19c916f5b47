import pino from 'pino'

/** What the parts need of a logger. Injected, so that only this file knows pino. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Keys whose values never reach a log line. */
const SECRETS = ['password', 'secret', 'token', '*.password', '*.secret', '*.token', '*.*.password', '*.*.secret']

/** JSON lines on stderr; pretty when stderr is a terminal. */
export function createLogger(level: LogLevel = 'info'): Logger {
  const options: pino.LoggerOptions = { level, base: null, redact: SECRETS, timestamp: pino.stdTimeFunctions.isoTime }
  if (process.stderr.isTTY) {
    const pretty = {
      target: 'pino-pretty',
      options: { destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' },
    }
    return pino({ ...options, transport: pretty })
  }
  return pino(options, pino.destination({ dest: 2, sync: true }))
}

export const silentLogger: Logger = pino({ level: 'silent' })
