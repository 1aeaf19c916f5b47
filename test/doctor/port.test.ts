import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { checkPort } from '../../src/doctor/port.ts'

const servers: Server[] = []
afterAll(() => servers.forEach(server => void server.close()))

/** A server on a free port that answers with this. */
async function serve(body: string): Promise<number> {
  const server = createServer((_, response) => response.end(body))
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const host = '127.0.0.1'
const here = process.platform === 'linux' ? `\\(process ${process.pid}\\)` : 'another program'

it('finds a free port', async () => {
  const port = await serve('')
  const server = servers.pop()!
  await new Promise(resolve => server.close(resolve))
  expect(await checkPort({ host, port })).toEqual([{ name: 'http', state: 'ok', text: `${host}:${port} is free` }])
  expect(await checkPort({ host, port: 0 })).toMatchObject([{ state: 'ok' }])
})

it('says by whom a port is taken', async () => {
  const port = await serve('hello')
  const [check] = await checkPort({ host, port })
  expect(check).toMatchObject({ state: 'failed', remedy: expect.stringContaining('http.port') })
  expect(check.text).toMatch(new RegExp(`^${host}:${port} is taken by .*${here}`))
})

it('knows an Auscult that runs there', async () => {
  const port = await serve(JSON.stringify({ name: 'pump', threshold: 1 }))
  const [{ text }] = await checkPort({ host, port })
  expect(text).toContain('is taken by a running Auscult with the model pump')
})

it('says that an address is not of this machine', async () => {
  const [check] = await checkPort({ host: '192.0.2.1', port: 8080 })
  expect(check).toMatchObject({ state: 'failed', remedy: expect.stringContaining('http.host') })
})

it('is not asked for by training', async () => {
  expect(await checkPort(undefined)).toMatchObject([{ state: 'absent' }])
})
