import kafkajs, { type logCreator } from 'kafkajs'
import { type KafkaConnection, readSecurity } from './kafka-config.ts'
import type { Logger } from './logger.ts'

export type {
  Admin,
  Assigner,
  Cluster,
  Consumer,
  EachBatchPayload,
  IHeaders,
  Kafka,
  KafkaMessage,
  Message,
  PartitionAssigner,
  Producer,
  RecordMetadata,
} from 'kafkajs'
export { type KafkaConnection, kafkaConnectionSchema } from './kafka-config.ts'
export { hasKafkaType, isRebalance, kafkaError } from './kafka-error.ts'

export const { AssignerProtocol, CompressionTypes, Partitioners } = kafkajs

/** Says how batches are decompressed, for all clients of this process. */
export function registerCodecs(codecs: Record<'gzip' | 'snappy' | 'lz4' | 'zstd', () => unknown>): void {
  const { GZIP, Snappy, LZ4, ZSTD } = CompressionTypes
  const { gzip, snappy, lz4, zstd } = codecs
  Object.assign(kafkajs.CompressionCodecs, { [GZIP]: gzip, [Snappy]: snappy, [LZ4]: lz4, [ZSTD]: zstd })
}

/** Waits of the client between its own attempts, before it gives up and the caller decides: 2 s in all. */
const RETRY = { initialRetryTime: 200, factor: 0.2, multiplier: 2, maxRetryTime: 2000, retries: 3 }
const CONNECTION_TIMEOUT = 5000
const REQUEST_TIMEOUT = 30_000

/**
 * A Kafka client. Touches no network; what the client logs goes to `logger` at level `debug`, since whoever uses it reports its errors.
 * @param at the place of the connection in the configuration, for errors
 * @throws AUSCULT_CONFIG for an environment variable that is not set, AUSCULT_INPUT_MISSING for a TLS file that cannot be read
 */
export function createKafka(
  config: KafkaConnection,
  logger: Logger,
  at: string,
  env: NodeJS.ProcessEnv = process.env,
): kafkajs.Kafka {
  const { tls, sasl } = readSecurity(config, at, env)
  return new kafkajs.Kafka({
    clientId: config.client_id,
    brokers: [...config.brokers],
    ssl: tls,
    // The three mechanisms have one type each, of the same shape.
    sasl: sasl as kafkajs.SASLOptions | undefined,
    connectionTimeout: CONNECTION_TIMEOUT,
    authenticationTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    retry: RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: logTo(logger.child({ component: 'kafkajs' })),
  })
}

const logTo =
  (logger: Logger): logCreator =>
  () =>
  ({ namespace, label, log: { message, timestamp, logger: name, stack, ...fields } }) => {
    logger.debug({ ...fields, namespace, severity: label }, message)
  }
