import { AuscultError } from '../errors.ts'
import { createKafka, kafkaError } from '../kafka.ts'
import { silentLogger } from '../logger.ts'
import { type Check, missing, ok } from './check.ts'
import type { KafkaNeed } from './needs.ts'

/** Whether the brokers answer this user and have the topics. */
export async function checkBrokers(
  needs: readonly KafkaNeed[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Check[]> {
  if (needs.length === 0) return [missing('kafka', false, 'no broker is configured')]
  return Promise.all(needs.map(need => checkCluster(need, env)))
}

async function checkCluster({ at, connection, topics }: KafkaNeed, env: NodeJS.ProcessEnv): Promise<Check> {
  const brokers = connection.brokers.join(', ')
  try {
    const admin = createKafka(connection, silentLogger, at, env).admin()
    try {
      await admin.connect()
      const cluster = await admin.describeCluster()
      const known = new Set(await admin.listTopics())
      const unknown = topics.filter(topic => !known.has(topic))
      const count = `${cluster.brokers.length} ${cluster.brokers.length === 1 ? 'broker' : 'brokers'}`
      if (unknown.length === 0) return ok(at, `${brokers} answers: ${count}, topics ${topics.join(', ') || 'none'}`)
      const text = `${brokers} answers, but has no topic ${unknown.join(', ')}, or does not show it to this user`
      return missing(at, true, text, 'Create it, correct its name, or let this user describe it.')
    } finally {
      await admin.disconnect()
    }
  } catch (error) {
    const { message, at: place, remedy } = error instanceof AuscultError ? error : kafkaError(error, at)
    const isNamed = place === at && connection.brokers.some(broker => message.includes(broker))
    return missing(at, true, isNamed ? message : `${place === at ? brokers : place}: ${message}`, remedy)
  }
}
