import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64')
const seen = new Set() // keep it on your disk

createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' } = request.headers
  const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest()
  const isOurs = signatures.split(' ').some(signature => {
    const given = Buffer.from(signature.replace('v1,', ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  // What is older than five minutes may have been recorded, and be played again.
  const isNew = Math.abs(Date.now() / 1000 - time) < 300
  if (!isOurs || !isNew) return response.writeHead(401).end()
  if (!seen.has(id)) console.log(JSON.parse(body).text)
  seen.add(id)
  response.writeHead(204).end()
}).listen(Number(process.env.PORT ?? 9000))
