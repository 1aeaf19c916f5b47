/** A score: four digits. */
export const score = (value: number): string => (value === 0 ? '0' : String(Number(value.toPrecision(4))))

/** `×2.3`: a score in units of its threshold. */
export const times = (value: number, threshold: number): string =>
  threshold > 0 ? `×${Number((value / threshold).toPrecision(3))}` : '–'

/** `1 window`, `3 windows` */
export const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

export const ordinal = (n: number): string => {
  const last = n % 10
  const isTeen = n % 100 > 10 && n % 100 < 14
  return `${n}${isTeen ? 'th' : last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th'}`
}
