import { createServer } from 'node:net'
import { messageOf } from '../errors.ts'
import { type Check, missing, ok } from './check.ts'
import { listenerOf } from './listener.ts'
import type { Needs } from './needs.ts'

const ASK_MS = 1000

/** Whether the daemon could listen where it is to. */
export async function checkPort(http: Needs['http']): Promise<Check[]> {
  if (!http) return [missing('http', false, 'training listens nowhere')]
  const { host, port } = http
  const at = `${host}:${port}`
  const failure = await listenError(host, port)
  if (!failure) return [ok('http', port === 0 ? `${host}, on a free port` : `${at} is free`)]
  if (failure.code === 'EADDRINUSE') {
    const remedy = 'Stop that program, or set http.port to another one (0 takes a free one).'
    return [missing('http', true, `${at} is taken by ${await whoListens(host, port)}`, remedy)]
  }
  if (failure.code === 'EACCES') {
    const remedy = 'Set http.port to 1024 or above, or give Node the capability CAP_NET_BIND_SERVICE.'
    return [missing('http', true, `this user may not listen on ${at}`, remedy)]
  }
  const remedy = 'Set http.host to an address of this machine.'
  return [missing('http', true, `${at} cannot be listened on: ${messageOf(failure)}`, remedy)]
}

function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
}

async function whoListens(host: string, port: number): Promise<string> {
  const program = listenerOf(port)
  const daemon = await daemonAt(host, port)
  const by = program ? ` (${program})` : ''
  return daemon === undefined ? (program ?? 'another program') : `a running Auscult with the model ${daemon}${by}`
}

/** The name of the model of the Auscult that answers there. */
async function daemonAt(host: string, port: number): Promise<string | undefined> {
  const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const name = local.includes(':') ? `[${local}]` : local
  try {
    const answer = await fetch(`http://${name}:${port}/v1/info`, { signal: AbortSignal.timeout(ASK_MS) })
    const { name: model, threshold } = (await answer.json()) as { name?: unknown; threshold?: unknown }
    return typeof model === 'string' && threshold !== undefined ? model : undefined
  } catch {
    return undefined
  }
}
