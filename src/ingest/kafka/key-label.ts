import { createHash } from 'node:crypto'

/** Longer labels are cut, and told apart by a part of their hash. */
const LONGEST = 64
const HASH_DIGITS = 16
/** Letters and digits of any script, and a few signs; `/` parts names, `%` and `~` have a meaning here. */
const PLAIN = /^[\p{L}\p{N}_.:@+-]$/u

/**
 * The bytes of a message's key as a name for people and metrics: printable, at most 64 characters, and another one for each key.
 * UTF-8 letters and digits stay, the rest is percent-encoded; the empty key is `%`.
 */
export function keyLabel(key: Uint8Array): string {
  if (key.length === 0) return '%'
  const label = encode(Buffer.from(key.buffer, key.byteOffset, key.length))
  if (label.length <= LONGEST) return label
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_DIGITS)
  const kept = label.slice(0, LONGEST - HASH_DIGITS - 1).replace(/[\ud800-\udbff]$/, '')
  return `${kept}~${hash}`
}

function encode(key: Buffer): string {
  const text = key.toString('utf8')
  const isUtf8 = Buffer.from(text, 'utf8').equals(key)
  return [...(isUtf8 ? text : key.toString('latin1'))]
    .map(char =>
      PLAIN.test(char) && (isUtf8 || char < '\x80') ? char : percent(Buffer.from(char, isUtf8 ? 'utf8' : 'latin1')),
    )
    .join('')
}

const percent = (bytes: Buffer): string => bytes.toString('hex').toUpperCase().replace(/../g, '%$&')
