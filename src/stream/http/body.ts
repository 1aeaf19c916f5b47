import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../errors.ts'
import { Refused } from './answer.ts'

const MOST_BYTES = 64 * 1024
/** What is too long is read up to here before it is refused: who still sends might not hear the answer. */
const PATIENCE_BYTES = 1024 * 1024

/**
 * The JSON that a request carries; `{}` when it carries nothing.
 * @throws Refused 415 for another type, 413 above 64 KiB, 400 when it is not JSON
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request)
  if (bytes.length === 0) return {}
  const { 'content-type': type = 'nothing', 'content-encoding': encoding = 'identity' } = request.headers
  const remedy = 'Send JSON, with content-type: application/json.'
  if (!isJson(type)) throw new Refused(415, 'AUSCULT_USAGE', `the type of the body is ${quote(type)}`, { remedy })
  if (encoding !== 'identity') {
    throw new Refused(415, 'AUSCULT_USAGE', `the encoding of the body is ${quote(encoding)}`, { remedy })
  }
  return parse(bytes, remedy)
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size <= MOST_BYTES) chunks.push(chunk as Buffer)
    if (size > PATIENCE_BYTES) break
  }
  if (size <= MOST_BYTES) return Buffer.concat(chunks)
  const headers = { connection: 'close' }
  throw new Refused(413, 'AUSCULT_USAGE', `the body is longer than ${MOST_BYTES} bytes`, { at: 'body', headers })
}

function parse(bytes: Buffer, remedy: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const what = cause instanceof SyntaxError ? messageOf(cause) : 'it is not UTF-8'
    throw new Refused(400, 'AUSCULT_USAGE', `the body is not JSON: ${what}`, { at: 'body', remedy })
  }
}

const isJson = (type: string) => /^application\/json *(; *charset="?utf-8"? *)?$/i.test(type)

const quote = (text: string) => JSON.stringify(text.slice(0, 100))
