import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { silentLogger } from '../src/logger.ts'
import { webhookSchema } from '../src/stream/webhook/config.ts'
import { WebhookSink } from '../src/stream/webhook/webhook-sink.ts'
import { MemoryOutbox } from './helpers/memory-outbox.ts'
import { PROJECT } from './helpers/requires.ts'
import { until } from './helpers/until.ts'

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

const hasPython = spawnSync('python3', ['-c', 'import http.server']).status === 0

describe('the receivers of docs/alerts.md', () => {
  it.each([
    [process.execPath, 'docs/examples/webhook-receiver.mjs'],
    ...(hasPython || process.env.CI === 'true' ? [['python3', 'docs/examples/webhook-receiver.py']] : []),
  ])('take what is signed, and nothing else: %s %s', { timeout: 60_000 }, async (program, file) => {
    const port = await freePort()
    const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: secretOf(7) }
    const child = spawn(program, [file], { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let printed = ''
    child.stdout!.on('data', chunk => {
      printed += chunk
    })
    const tell = async (secrets: string) => {
      const config = webhookSchema.parse({ url: `http://127.0.0.1:${port}/`, secret_env: 'SECRET' })
      const parts = { publicUrl: null, clock: systemClock, logger: silentLogger, env: { SECRET: secrets } }
      const sink = new WebhookSink({ name: 'team', config, store: new MemoryOutbox(), ...parts })
      await sink.start()
      const tried = await sink.test()
      await sink.stop(Date.now() + 1000)
      return tried
    }
    await until(async () => (await tell(secretOf(8))).reason.startsWith('status 401'), 30_000)
    expect(printed).toBe('')
    expect(await tell(secretOf(7))).toMatchObject({ delivered: true })
    expect(await tell(`${secretOf(8)} ${secretOf(7)}`)).toMatchObject({ delivered: true })
    await until(() => printed.trim().split('\n').length === 2)
    expect(printed).toMatch(/^(Auscult reaches this webhook \(team\)\.\r?\n){2}$/)
  })
})
