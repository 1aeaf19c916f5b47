/** Rows of cells, as RFC 4180 has them. Fails on what it does not allow. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (let at = 0; at < text.length; ) {
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
    cell.lastIndex = at
    const found = cell.exec(text)
    if (!found) throw new Error(`not CSV at ${at}: ${text.slice(at, at + 40)}`)
    row.push(found[1]?.replaceAll('""', '"') ?? found[2])
    if (found[3] === '\r\n') {
      rows.push(row)
      row = []
    }
    at = cell.lastIndex
  }
  return rows
}

/** The rows below a header, as objects. */
export function parseTable(text: string): Record<string, string>[] {
  const [header, ...rows] = parseCsv(text)
  return rows.map(row => Object.fromEntries(header.map((name, i) => [name, row[i]])))
}
