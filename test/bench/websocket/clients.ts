import { connect } from 'node:net'
import { now } from './feed.ts'

export interface ClientsJob {
  readonly port: number
  readonly clients: number
  readonly query: string
}

export interface ClientsResult {
  /** Number of an event and when a client had it. */
  readonly events: readonly (readonly [seq: number, at: number])[]
  /** Milliseconds from a score to a client, of one in so many. */
  readonly scores: readonly number[]
  readonly messages: number
  readonly bytes: number
}

/** Scores whose time is looked at: one in so many, so that the clients do not take what the server is to have. */
const SAMPLE = 16
const SEQ = Buffer.from('{"seq":')
const TIME = Buffer.from('"time":')

const events: [number, number][] = []
const scores: number[] = []
let messages = 0
let bytes = 0

/** The number behind a place. */
function numberAt(buffer: Buffer, from: number): number {
  let end = from
  while ((buffer[end] >= 48 && buffer[end] <= 57) || buffer[end] === 46) end++
  return Number(buffer.toString('latin1', from, end))
}

function hear(frame: Buffer, at: number): void {
  messages++
  bytes += frame.length
  if (frame.compare(SEQ, 0, SEQ.length, 0, SEQ.length) === 0) events.push([numberAt(frame, SEQ.length), at])
  else if (messages % SAMPLE === 0) {
    const place = frame.indexOf(TIME)
    if (place > 0 && frame.includes('"score"')) scores.push(at - numberAt(frame, place + TIME.length))
  }
}

/** Whole frames out of what has come; the rest stays. */
function take(buffer: Buffer, at: number): Buffer {
  let from = 0
  while (buffer.length >= from + 4) {
    const short = buffer[from + 1] & 127
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (buffer.length < from + head) break
    const size =
      short < 126 ? short : short === 126 ? buffer.readUInt16BE(from + 2) : Number(buffer.readBigUInt64BE(from + 2))
    if (buffer.length < from + head + size) break
    // Text only: pings go without an answer for as long as this takes.
    if ((buffer[from] & 15) === 1) hear(buffer.subarray(from + head, from + head + size), at)
    from += head + size
  }
  return buffer.subarray(from)
}

function join(port: number, query: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const lines = [
      `GET /v1/stream${query} HTTP/1.1`,
      'host: 127.0.0.1',
      'connection: upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    let rest = Buffer.alloc(0)
    let isUp = false
    socket.on('data', chunk => {
      const at = now()
      let data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      if (!isUp) {
        const end = data.indexOf('\r\n\r\n')
        if (end < 0) {
          rest = data
          return
        }
        isUp = true
        data = data.subarray(end + 4)
        resolve()
      }
      rest = Buffer.from(take(data, at))
    })
    socket.on('error', reject)
  })
}

const { port, clients, query }: ClientsJob = JSON.parse(process.argv[2])
await Promise.all(Array.from({ length: clients }, () => join(port, query)))
process.send!('connected')
process.once('message', () => {
  const result: ClientsResult = { events, scores, messages, bytes }
  process.send!(result, () => process.exit())
})
