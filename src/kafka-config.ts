import { readFileSync } from 'node:fs'
import { z } from './config.ts'
import { AuscultError, messageOf } from './errors.ts'

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

/** How a Kafka cluster is reached. Secrets are named, never written: each `…_env` is the name of an environment variable. */
export const kafkaConnectionSchema = z.strictObject({
  brokers: z
    .array(z.string().regex(/^.+:\d+$/, 'host:port'))
    .min(1)
    .describe('Brokers to begin with, as host:port; the others are found through them')
    .meta({ example: ['localhost:9092'] }),
  client_id: z.string().min(1).default('auscult').describe('Name by which brokers know this program'),
  tls: z
    .strictObject({
      ca_path: z.string().min(1).optional().describe("PEM file of the authorities to trust, in place of the system's"),
      cert_path: z.string().min(1).optional().describe('PEM file of the client certificate, for mutual TLS'),
      key_path: z.string().min(1).optional().describe('PEM file of its key'),
      key_password_env: variable.optional().describe('Environment variable that holds the password of the key'),
      server_name: z
        .string()
        .min(1)
        .optional()
        .describe("Name in the brokers' certificates, where it is not their host"),
      verify: z.boolean().default(true).describe('Refuse brokers whose certificate cannot be verified'),
    })
    .optional()
    .describe('Encrypted connections; {} is TLS with the authorities of the system'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the user is authenticated'),
      username: z.string().min(1).describe('User').meta({ example: 'auscult' }),
      password_env: variable
        .describe('Environment variable that holds the password')
        .meta({ example: 'KAFKA_PASSWORD' }),
    })
    .optional()
    .describe('Authentication by user and password'),
})

export type KafkaConnection = z.infer<typeof kafkaConnectionSchema>

/** What the network layer needs, files read and secrets looked up. */
export interface KafkaSecurity {
  readonly tls: KafkaTls | undefined
  readonly sasl:
    | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
    | undefined
}

interface KafkaTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}

/**
 * Reads the files and variables that the connection names.
 * @param at the place of the connection in the configuration, for errors
 * @throws AUSCULT_CONFIG for a variable that is not set, AUSCULT_INPUT_MISSING for a file that cannot be read
 */
export function readSecurity(config: KafkaConnection, at: string, env: NodeJS.ProcessEnv): KafkaSecurity {
  const { tls, sasl } = config
  const secret = (name: string, path: string): string => {
    const value = env[name]
    if (value) return value
    throw new AuscultError('AUSCULT_CONFIG', `the environment variable ${name} is not set`, {
      at: `${at}.${path}`,
      remedy: `Set ${name} where Auscult is started.`,
    })
  }
  const file = (path: string | undefined, option: string): string | undefined => {
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      throw new AuscultError('AUSCULT_INPUT_MISSING', `cannot be read: ${messageOf(cause)}`, {
        at: path,
        cause,
        remedy: `Correct ${at}.tls.${option}.`,
      })
    }
  }
  return {
    tls: tls && {
      ...definedOf({
        ca: file(tls.ca_path, 'ca_path'),
        cert: file(tls.cert_path, 'cert_path'),
        key: file(tls.key_path, 'key_path'),
        passphrase: tls.key_password_env && secret(tls.key_password_env, 'tls.key_password_env'),
        servername: tls.server_name,
      }),
      rejectUnauthorized: tls.verify,
    },
    sasl: sasl && {
      mechanism: sasl.mechanism,
      username: sasl.username,
      password: secret(sasl.password_env, 'sasl.password_env'),
    },
  }
}

const definedOf = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
