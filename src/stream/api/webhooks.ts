import { z } from '../../config.ts'
import { operation } from './operation.ts'

const tag = 'webhooks'

const webhook = z.object({
  name: z.string(),
  to: z.string().describe('Scheme and host that it sends to'),
  signed: z.boolean().describe('Whether its messages are signed'),
  ok: z.boolean(),
  reason: z.string().describe('What is wrong, or how it is right'),
  outcomes: z
    .record(z.string(), z.number())
    .describe('Attempts since the start: delivered, failed (tried again), refused, given_up'),
  lag: z.number().describe('Events that are not dealt with yet'),
})

export const webhookOperations = [
  operation({
    id: 'listWebhooks',
    route: 'GET /v1/webhooks',
    tag,
    summary: 'The webhooks that events are sent to',
    answers: { 200: z.object({ webhooks: z.array(webhook) }) },
    handle: view => ({ body: { webhooks: view.webhooks.list() } }),
  }),
  operation({
    id: 'testWebhook',
    route: 'POST /v1/webhooks/{name}/test',
    tag,
    summary: 'Send a message to a webhook now that says that it is a test',
    params: { name: z.string().describe('Of the webhook') },
    answers: {
      200: z.object({
        webhook: z.string(),
        delivered: z.boolean(),
        reason: z.string().describe('What was answered, or why nothing was'),
        seconds: z.number().describe('That it took'),
      }),
    },
    refusals: { 404: 'No such webhook' },
    handle: async (view, { params: { name } }) => ({ body: { webhook: name, ...(await view.webhooks.test(name)) } }),
  }),
]
