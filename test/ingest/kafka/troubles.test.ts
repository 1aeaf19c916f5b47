import { expect, it } from 'vitest'
import { Troubles } from '../../../src/ingest/kafka/troubles.ts'

it('Troubles tells all that is wrong as one message, each change once', () => {
  const told: (string | undefined)[] = []
  const troubles = new Troubles(message => told.push(message))
  expect(troubles.set('group', undefined)).toBe(false)
  expect(troubles.set('group', 'no broker')).toBe(true)
  expect(troubles.set('group', 'no broker')).toBe(false)
  troubles.set('letters', 'no topic')
  troubles.set('group', undefined)
  troubles.set('letters', undefined)
  expect(told).toEqual(['no broker', 'no broker; no topic', 'no topic', undefined])
})
