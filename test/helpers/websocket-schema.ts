import { Ajv2020 } from 'ajv/dist/2020.js'
import { publishedSchemas } from '../../src/stream/json-schema.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
ajv.addSchema(publishedSchemas.websocket)

const validate = {
  server: ajv.getSchema('urn:auscult:websocket:1#/$defs/server')!,
  client: ajv.getSchema('urn:auscult:websocket:1#/$defs/client')!,
}

/** @throws when a message of one side is not as docs/schema/websocket.schema.json says */
export function checkMessage(side: 'server' | 'client', message: unknown): void {
  if (validate[side](message)) return
  throw new Error(`${JSON.stringify(message).slice(0, 1000)}\n${ajv.errorsText(validate[side].errors).slice(0, 2000)}`)
}
