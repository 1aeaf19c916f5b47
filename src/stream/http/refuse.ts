import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refused } from './answer.ts'

/** Whoever is refused may take so long to read why. */
const READ_MS = 1000

/** Answers a request for another protocol with why there is none, and lets go of the connection. */
export function refuse(socket: Duplex, { status, message, code, at, remedy, headers }: Refused): void {
  const body = `${JSON.stringify({ error: message, code, at, remedy })}\n`
  const all = {
    ...headers,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on('error', () => socket.destroy())
  // What it still sends is read, or it would be cut off before it has read the answer.
  socket.resume()
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
  const cut = setTimeout(() => socket.destroy(), READ_MS).unref()
  socket.on('close', () => clearTimeout(cut))
}
