import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createKafka, kafkaConnectionSchema } from '../src/kafka.ts'
import { readSecurity } from '../src/kafka-config.ts'
import type { Logger } from '../src/logger.ts'
import { silentLogger } from '../src/logger.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const SASL = { mechanism: 'plain', username: 'alice', password_env: 'SECRET' }
const connection = (options: object = {}) =>
  checkConfig({ brokers: ['127.0.0.1:1'], ...options }, kafkaConnectionSchema, 'test')

describe('readSecurity', () => {
  const { folder } = temporaryFolder()

  it('takes secrets from the environment and files from the disk', () => {
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, 'PEM')
    const config = connection({ sasl: SASL, tls: { ca_path: ca, key_password_env: 'KEY', server_name: 'kafka' } })
    expect(readSecurity(config, 'sources.a', { SECRET: 'open', KEY: 'sesame' })).toEqual({
      tls: { ca: 'PEM', passphrase: 'sesame', servername: 'kafka', rejectUnauthorized: true },
      sasl: { mechanism: 'plain', username: 'alice', password: 'open' },
    })
    expect(JSON.stringify(config)).not.toMatch(/open|sesame/)
  })

  it('is plain by default, and trusts the system with an empty `tls`', () => {
    expect(readSecurity(connection(), 'a', {})).toEqual({ tls: undefined, sasl: undefined })
    expect(readSecurity(connection({ tls: {} }), 'a', {}).tls).toEqual({ rejectUnauthorized: true })
    expect(readSecurity(connection({ tls: { verify: false } }), 'a', {}).tls).toEqual({ rejectUnauthorized: false })
  })

  it('names a variable that is not set, and a file that is not there', () => {
    expect(() => readSecurity(connection({ sasl: SASL }), 'sources.a', {})).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'sources.a.sasl.password_env' }),
    )
    expect(() => readSecurity(connection({ tls: { key_path: join(folder, 'no') } }), 'sources.a', {})).toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING', remedy: 'Correct sources.a.tls.key_path.' }),
    )
  })
})

describe('createKafka', () => {
  it('logs what the client says at level debug, without secrets', async () => {
    const lines: unknown[] = []
    const logger = { ...silentLogger, child: () => ({ debug: (...line: unknown[]) => lines.push(line) }) }
    const kafka = createKafka(connection({ sasl: SASL }), logger as unknown as Logger, 'a', { SECRET: 'open sesame' })
    const admin = kafka.admin({ retry: { retries: 0 } })
    await expect(admin.connect()).rejects.toThrow('ECONNREFUSED')
    await admin.disconnect()
    expect(lines.length).toBeGreaterThan(0)
    expect(JSON.stringify(lines)).not.toContain('open sesame')
  })
})
