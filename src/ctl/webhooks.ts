import type { Client } from './client.ts'
import type { Outcome } from './outcome.ts'
import type { TriedRow, WebhookRow } from './rows.ts'
import { table } from './table.ts'
import { usage } from './usage.ts'

export async function webhooks(client: Client): Promise<Outcome> {
  const body = await client.get<{ webhooks: WebhookRow[] }>(['v1', 'webhooks'])
  return { body, text: ({ columns }) => webhooksText(body.webhooks, columns) }
}

/** Sends a test. @throws AUSCULT_USAGE, AUSCULT_NOT_FOUND */
export async function webhook(client: Client, what: string, name: string): Promise<Outcome> {
  if (what !== 'test') throw usage('webhook', `${what} is nothing that can be done with a webhook`)
  const body = await client.post<TriedRow>(['v1', 'webhooks', name, 'test'], {})
  const came = body.delivered ? 'delivered' : `not delivered: ${body.reason}`
  return { body, text: () => `${name}: ${came} (${body.seconds} s)`, exitCode: body.delivered ? 0 : 1 }
}

function webhooksText(rows: readonly WebhookRow[], columns: number | undefined): string {
  if (rows.length === 0) return 'there is no webhook'
  const count = (row: WebhookRow, outcome: string) => String(row.outcomes[outcome] ?? 0)
  return table(
    [
      { title: 'NAME' },
      { title: 'TO', cut: 'end' },
      { title: 'SIGNED' },
      { title: 'DELIVERED', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'GIVEN UP', align: 'right' },
      { title: 'WAIT', align: 'right' },
      { title: 'STATE', cut: 'end' },
    ],
    rows.map(row => [
      ...[row.name, row.to, row.signed ? 'yes' : 'no', count(row, 'delivered'), count(row, 'failed')],
      ...[String((row.outcomes.refused ?? 0) + (row.outcomes.given_up ?? 0)), String(row.lag)],
      row.ok ? 'ok' : row.reason,
    ]),
    columns,
  )
}
