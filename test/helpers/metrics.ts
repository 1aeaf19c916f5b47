/** Values of a Prometheus exposition text by series, `name{label="value"}`. */
export function parseMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

/** The sum over all series of a metric that have this label text, for example `source="mic"`. */
export function sumOf(values: Map<string, number>, name: string, label: string): number {
  return [...values]
    .filter(([series]) => series.startsWith(`${name}{`) && series.includes(label))
    .reduce((total, [, value]) => total + value, 0)
}
