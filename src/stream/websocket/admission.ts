import type { IncomingMessage } from 'node:http'
import { Refused } from '../http/answer.ts'
import { isSameHost } from '../http/guard.ts'
import type { WebSocketConfig } from './config.ts'

/** Who may come in: so many in all, and of one address. */
export class Admission {
  readonly #config: WebSocketConfig
  readonly #addresses = new Map<string, number>()
  #clients = 0

  constructor(config: WebSocketConfig) {
    this.#config = config
  }

  /** @returns what gives the place back, once. @throws Refused */
  enter(address: string): () => void {
    const { max_clients, max_clients_per_address } = this.#config
    const known = this.#addresses.get(address) ?? 0
    if (this.#clients >= max_clients) throw tooMany(503, max_clients, '', 'max_clients')
    if (known >= max_clients_per_address) {
      throw tooMany(429, max_clients_per_address, ` from ${address}`, 'max_clients_per_address')
    }
    this.#clients++
    this.#addresses.set(address, known + 1)
    let isIn = true
    return () => {
      if (isIn) this.#leave(address)
      isIn = false
    }
  }

  #leave(address: string): void {
    this.#clients--
    const left = this.#addresses.get(address)! - 1
    if (left > 0) this.#addresses.set(address, left)
    else this.#addresses.delete(address)
  }
}

function tooMany(status: number, most: number, where: string, option: string): Refused {
  const remedy = `Close some that are not needed, or raise websocket.${option}.`
  const details = { at: `websocket.${option}`, remedy, headers: { 'retry-after': '10' } }
  return new Refused(status, 'AUSCULT_FORBIDDEN', `there are ${most} clients${where} already`, details)
}

/** Where a request comes from: an address, or of IPv6 the network of a host, which has as many addresses as it likes. */
export function addressOf({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? 'unknown'
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length)
  if (!address.includes(':') || address === '::1') return address
  const [left, right = ''] = address.split('::')
  const groups = left === '' ? [] : left.split(':')
  const more = right === '' ? [] : right.split(':')
  const all = address.includes('::')
    ? [...groups, ...Array(8 - groups.length - more.length).fill('0'), ...more]
    : groups
  return `${all.slice(0, 4).join(':')}::/64`
}

/** @throws Refused for a page of another origin */
export function checkOrigin(request: IncomingMessage): void {
  if (isSameHost(request)) return
  const remedy = 'Use the page that this daemon serves, or a program, which sends no origin.'
  throw new Refused(403, 'AUSCULT_FORBIDDEN', 'a page of another origin may not listen here', { at: 'origin', remedy })
}
