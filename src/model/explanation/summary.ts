/** A part of a map with the mean of the residual in it, and its root mean square. */
export interface Measured {
  readonly label: string
  readonly share: number
  readonly isAll: boolean
  readonly difference: number
  readonly typical: number
}

/** Below this part of the typical residual a mean difference says nothing: what came lies as much above as below. */
const ONE_SIDED = 0.1

/** `62 % of the residual at 2.1–2.6 kHz, 11 dB above what is expected` */
export function summarize({ share, label, difference, typical, isAll }: Measured, unit: string): string {
  if (typical === 0) return 'There is no residual'
  const part = isAll
    ? `The residual is spread over ${label}`
    : `${Math.round(share * 100)} % of the residual at ${label}`
  if (Math.abs(difference) < ONE_SIDED * typical) return `${part}, as much above as below what is expected`
  const amount = [readable(Math.abs(difference)), unit.startsWith('dB') ? 'dB' : undefined].filter(Boolean).join(' ')
  return `${part}, ${amount} ${difference > 0 ? 'above' : 'below'} what is expected`
}

/** Two significant digits, whole numbers from 10 on. */
const readable = (value: number): string =>
  value >= 9.95 ? String(Math.round(value)) : String(Number(value.toPrecision(2)))
