import { describe, expect, it } from 'vitest'
import { applyEnvironment, checkConfig, z } from '../src/config.ts'
import { httpSchema } from '../src/stream/http.ts'
import { errorOf } from './helpers/temporary.ts'

const schema = z.strictObject({
  name: z.string().default('a'),
  path: z.string().nullable().default(null),
  http: httpSchema.prefault({}),
  sizes: z.array(z.number()).default([]),
})
const applied = (env: Record<string, string>, raw: object = {}) => applyEnvironment(raw, schema, env)

describe('applyEnvironment', () => {
  it('reads values as YAML, and replaces what the file says', () => {
    expect(applied({ AUSCULT_HTTP_PORT: '9000', AUSCULT_SIZES: '[1, 2]' }, { http: { port: 1, host: 'x' } })).toEqual({
      http: { port: 9000, host: 'x' },
      sizes: [1, 2],
    })
  })

  it.each(['12345678901234567890', '0x1234567890abcdef', 'true', '@at: "sign', "'quoted'", '# none', '{a'])(
    'takes text as it stands: %s',
    text => {
      expect(applied({ AUSCULT_NAME: text, AUSCULT_HTTP_TOKEN: text })).toEqual({ name: text, http: { token: text } })
    },
  )

  it.each(['null', '~', ''])('can say that there is none: %j', text => {
    expect(applied({ AUSCULT_PATH: text }, { path: '/x' })).toEqual({ path: null })
  })

  it('sets a whole section, and options in it after that', () => {
    const env = { AUSCULT_HTTP: '{ port: 1, host: x }', AUSCULT_HTTP_PORT: '9000' }
    expect(applied(env, { http: { token: 'gone' } })).toEqual({ http: { port: 9000, host: 'x' } })
  })

  it('sets options of the form that a union has, or has by default', () => {
    const forms = z.strictObject({
      end: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('wide'), width: z.number(), inner: z.object({ a: z.number() }).nullable() }),
          z.strictObject({ type: z.literal('tall'), height: z.number() }),
        ])
        .prefault({ type: 'wide', width: 3, inner: null }),
    })
    const of = (env: Record<string, string>, raw: object = {}) => applyEnvironment(raw, forms, env)
    expect(of({ AUSCULT_END_WIDTH: '5' })).toEqual({ end: { type: 'wide', width: 5, inner: null } })
    expect(of({ AUSCULT_END_INNER: '{ a: 1 }' })).toEqual({ end: { type: 'wide', width: 3, inner: { a: 1 } } })
    expect(of({ AUSCULT_END_HEIGHT: '5' }, { end: { type: 'tall', height: 1 } })).toEqual({
      end: { type: 'tall', height: 5 },
    })
    expect(of({ AUSCULT_END: '{ type: tall, height: 2 }' })).toEqual({ end: { type: 'tall', height: 2 } })
    expect(of({ AUSCULT_END_DEPTH: '5' })).toEqual({})
  })

  it('says which variable cannot be read', async () => {
    const error = { code: 'AUSCULT_CONFIG', at: 'AUSCULT_HTTP_PORT' }
    expect(await errorOf(() => applied({ AUSCULT_HTTP_PORT: '[1' }))).toMatchObject(error)
  })

  it.each(['short', 'with a space in the midst', 'Grüße an alle Leser'])(
    'does not tell a token that is refused: %s',
    async token => {
      const error = await errorOf(() => checkConfig(applied({ AUSCULT_HTTP_TOKEN: token }), schema, 'run.yaml'))
      expect(error).toMatchObject({ code: 'AUSCULT_CONFIG', message: expect.stringContaining('http.token') })
      expect(`${error}`).not.toContain(token)
    },
  )
})
