import { AuscultError, messageOf } from './errors.ts'

/** What the client's errors carry; they come wrapped in one another. */
interface ClientError {
  readonly name?: string
  readonly message?: string
  /** Name of an error of the protocol. */
  readonly type?: string
  /** Code of the operating system or of TLS; a number for an error of the protocol. */
  readonly code?: string | number
  readonly broker?: string
  readonly topic?: string
  readonly cause?: unknown
  readonly retriable?: boolean
}

interface Finding {
  readonly message: string
  readonly remedy: string
  /** Whether nothing but a change by the user can mend it. */
  readonly final?: boolean
}

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'it refuses connections',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it breaks the connection off',
  EPIPE: 'it breaks the connection off',
}

const USER = 'Grant it to this user, or use another one.'

const PROTOCOL: Record<string, Finding> = {
  UNKNOWN_TOPIC_OR_PARTITION: {
    message: 'the topic does not exist',
    remedy: 'Create it, or correct its name; it is looked for again.',
  },
  TOPIC_AUTHORIZATION_FAILED: { message: 'this user may not use the topic', remedy: USER },
  GROUP_AUTHORIZATION_FAILED: { message: 'this user may not use the consumer group', remedy: USER },
  CLUSTER_AUTHORIZATION_FAILED: { message: 'this user may not do that on the cluster', remedy: USER },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: { message: 'this user may not do that on the cluster', remedy: USER },
  SASL_AUTHENTICATION_FAILED: {
    message: 'authentication failed',
    remedy: 'Check the user, the password in the environment and the mechanism.',
  },
  UNSUPPORTED_SASL_MECHANISM: {
    message: 'the broker does not know this way of authentication',
    remedy: 'Set sasl.mechanism to one that the broker offers.',
  },
  ILLEGAL_SASL_STATE: {
    message: 'the broker does not want authentication here',
    remedy: 'Leave out sasl, or use the port where the broker wants it.',
  },
  INCONSISTENT_GROUP_PROTOCOL: {
    message: 'the consumer group has members of another program',
    remedy: 'Give Auscult a group_id of its own.',
  },
  INVALID_SESSION_TIMEOUT: {
    message: 'the broker does not allow this session timeout',
    remedy:
      'Choose session_timeout_ms between group.min.session.timeout.ms and group.max.session.timeout.ms of the broker.',
  },
  MESSAGE_TOO_LARGE: {
    message: 'the broker refuses a message of this size',
    remedy: 'Raise max.message.bytes of the topic.',
  },
  NOT_ENOUGH_REPLICAS: {
    message: 'too few replicas of the topic are in sync',
    remedy: 'Bring the other brokers back.',
  },
}

/** Whether an error of the Kafka protocol is, or has caused, what was thrown. */
export const hasKafkaType = (error: unknown, ...types: readonly string[]): boolean =>
  chain(error).some(({ type = '' }) => types.includes(type))

/** Whether a member of a consumer group has to join anew: kafkajs throws these through our handlers, and acts on them itself. */
export const isRebalance = (error: unknown): boolean =>
  hasKafkaType(error, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP')

/**
 * Anything that the Kafka client throws, as an error with a message that a user can act on. Never holds a secret.
 * @param at what was worked on: a topic, a group, `topic/partition/offset`
 */
export function kafkaError(error: unknown, at: string): AuscultError {
  if (error instanceof AuscultError) return error
  const links = chain(error)
  const finding = links.map(find).find(found => found !== undefined) ?? {
    message: messageOf(error).split('\n')[0],
    remedy: 'See the log of the broker.',
  }
  const { message, remedy } = finding
  return new AuscultError('AUSCULT_KAFKA', message, { at, remedy, cause: error, canRetry: true })
}

function find(link: ClientError): Finding | undefined {
  const { name = '', type = '', code, message = '' } = link
  if (name === 'KafkaJSSASLAuthenticationError') return PROTOCOL[type] ?? authentication(message)
  if (type in PROTOCOL) return PROTOCOL[type]
  const broker = link.broker ? `the broker ${link.broker}` : 'the broker'
  if (typeof code === 'string' && isTls(code)) {
    return {
      message: `${broker} cannot be trusted or does not speak TLS: ${clean(message)}`,
      remedy: 'Check tls.ca_path, tls.server_name, and that this is the TLS port of the broker.',
    }
  }
  if (typeof code === 'string' && code in NETWORK) return unreachable(broker, NETWORK[code])
  if (name === 'KafkaJSConnectionClosedError' || /closed by the server/.test(message)) {
    return {
      message: `${broker} closes the connection`,
      remedy: 'Check tls and sasl: a broker closes connections that lack what it asks for, and when it stops.',
    }
  }
  if (name === 'KafkaJSConnectionError') return unreachable(broker, clean(message))
  if (name === 'KafkaJSRequestTimeoutError') return unreachable(broker, 'it does not answer in time')
  return undefined
}

const authentication = (message: string): Finding =>
  /not supported/i.test(message) ? PROTOCOL.UNSUPPORTED_SASL_MECHANISM : PROTOCOL.SASL_AUTHENTICATION_FAILED

const unreachable = (broker: string, why: string): Finding => ({
  message: `${broker} cannot be reached: ${why}`,
  remedy: 'Check brokers, and that the broker runs; it is tried again.',
})

const isTls = (code: string): boolean =>
  /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|EPROTO$|HOSTNAME_MISMATCH)/.test(code)

const clean = (message: string): string => message.replace(/^(Connection error|Failed to connect): /, '').split('\n')[0]

/** The error and what caused it, outermost first. */
function chain(error: unknown): ClientError[] {
  const links: ClientError[] = []
  for (let link = error; link && typeof link === 'object' && links.length < 10; link = (link as ClientError).cause) {
    links.push(link as ClientError)
  }
  return links
}
