import { type Command, InvalidArgumentError } from 'commander'
import { THRESHOLDS } from '../threshold-text.ts'
import type { Client } from './client.ts'
import type { Outcome } from './outcome.ts'
import type { CtlOptions } from './run.ts'

type Actions = typeof import('./actions.ts')
type Values = Record<string, never>
/** What a command does with its own options and its arguments. */
type Work<A extends unknown[]> = (actions: Actions, client: Client, options: Values, ...args: A) => Promise<Outcome>
type Handler = (...given: unknown[]) => Promise<void>

const EPISODE = 'an id, an end of it that no other has, e57 as lists show it, or last'
const CLUSTER = 'number or label of a cluster'
const TIME = '90s, 30m, 8h or 2d; without it until somebody ends it'
const AFTER =
  '\nAuscult on another machine: --url, and --token where it listens to the network; better as AUSCULT_URL and AUSCULT_TOKEN.'
const WHEN = '7d (so long ago), 2026-11-15, "2026-11-15 08:00"'
const SOME = 20

/** Declares `auscult ctl` and its commands. What they do is loaded when one is called. */
export function declareCtl(program: Command, wholeNumber: (text: string) => number): void {
  const ctl = program
    .command('ctl')
    .description('ask a running daemon, and decide: mutes, false alarms, labels, thresholds, calibrations')
    .addHelpText('after', AFTER)
  const declare = (name: string, text: string) => shared(ctl.command(name).description(text))
  const decision = (name: string, text: string) =>
    declare(name, text)
      .option('--who <name>', 'who decides, for the audit log (default: user@host)')
      .option('--note <text>', 'why, for the audit log')
  const paged = (command: Command, key: string) =>
    command
      .option('--limit <n>', `most entries (default: ${SOME})`, wholeNumber)
      .option(`--${key} <n>`, 'the next page, as the end of the last one says', wholeNumber)

  declare('status', 'how the daemon and its parts are; exit code 1 when it is not ready').action(
    ask((actions, client) => actions.status(client)),
  )
  declare('sources', 'the feeds with their scores, episodes and drift').action(
    ask((actions, client) => actions.sources(client)),
  )

  episodeFilter(timed(paged(declare('episodes', 'the latest episodes'), 'before')))
    .option('--source <name>', 'of this source only')
    .action(ask((actions, client, filter) => actions.episodes(client, { limit: SOME, ...filter })))
  declare('episode', 'all that is known of an episode')
    .argument('<episode>', EPISODE)
    .action(ask((actions, client, _, reference: string) => actions.episode(client, reference)))
  declare('evidence', 'why an episode scored so')
    .argument('<episode>', EPISODE)
    .option('--out <folder>', 'write it there, with the clip as wav or npz')
    .action(ask((actions, client, options, reference: string) => actions.evidence(client, reference, options)))
  decision('ack', 'say that you have seen an episode')
    .argument('<episode>', EPISODE)
    .action(decide((actions, client, by, reference: string) => actions.acknowledge(client, reference, by)))
  decision('false-alarm', 'say that an episode was none: what is like it is muted, and counted')
    .argument('<episode>', EPISODE)
    .option('--for <time>', TIME)
    .option('--source-only', 'mute what is like it in its own source only')
    .action(decide((actions, client, options, reference: string) => actions.falseAlarm(client, reference, options)))

  paged(declare('clusters', 'kinds of windows, with their episodes'), 'after').action(
    ask((actions, client, page) => actions.clusters(client, { limit: SOME, ...page })),
  )
  declare('cluster', 'a cluster and its latest episodes')
    .argument('<cluster>', CLUSTER)
    .action(ask((actions, client, _, reference: string) => actions.cluster(client, reference)))
  decision('label', 'name a cluster')
    .argument('<cluster>', CLUSTER)
    .argument('[label...]', 'without one, the name is taken away')
    .action(
      decide((actions, client, by, reference: string, words: string[]) => actions.label(client, reference, words, by)),
    )

  decision('mute', 'mute a source or a cluster: its episodes are stored and counted, but alert nobody')
    .option('--source <name>', 'episodes of this source')
    .option('--cluster <cluster>', `episodes of this cluster: ${CLUSTER}`)
    .option('--for <time>', TIME)
    .action(decide((actions, client, options) => actions.mute(client, options)))
  decision('unmute', 'end a mute')
    .argument('<mute>', 'its id, m7')
    .action(decide((actions, client, by, id: string) => actions.unmute(client, id, by)))
  declare('mutes', 'what is muted, and how often it was').action(ask((actions, client) => actions.mutes(client)))

  decision('threshold', 'show the threshold policies, or set one without training again')
    .argument('[policy:value]', THRESHOLDS)
    .option('--source <name>', 'of this source; without it, of all that have none of their own')
    .option('--reset', 'give up the one that was set')
    .action(decide((actions, client, options, text: string | undefined) => actions.threshold(client, text, options)))
  decision('recalibrate', 'calibrate a source anew, from its own recent windows that were normal')
    .argument('<source>', 'its name')
    .option('--dry-run', 'only say what would come of it')
    .option('--force', 'also where the threshold changes by more than is allowed without')
    .action(decide((actions, client, options, source: string) => actions.recalibrate(client, source, options)))
  decision('revert', 'take the latest recalibration of a source back; again, the one before it')
    .argument('<source>', 'its name')
    .action(decide((actions, client, by, source: string) => actions.revert(client, source, by)))

  eventFilter(
    timed(paged(declare('events', 'what happened: episodes, clusters, drift, troubles, decisions'), 'before')),
  )
    .option('--after <n>', 'the oldest first, from the one behind this', wholeNumber)
    .action(ask((actions, client, filter) => actions.events(client, { limit: SOME, ...filter })))
  timed(paged(declare('audit', 'what was decided, by whom and when'), 'before'))
    .option('--source <name>', 'about this source only')
    .option('--action <action>', 'of this kind only: threshold.set, false_alarm, muted, …')
    .action(ask((actions, client, filter) => actions.audit(client, { limit: SOME, ...filter })))
  episodeFilter(eventFilter(timed(declare('export', 'all of it, oldest first, for a table or a program'))), false)
    .argument('<what>', 'episodes, events or audit')
    .option('--format <format>', 'csv, or jsonl: a JSON object a line', 'csv')
    .option('-o, --out <file>', 'write it there once it is whole; without it to the standard output')
    .option('--action <action>', 'of decisions: of this kind only')
    .option('--before <n>', 'below this number', wholeNumber)
    .option('--after <n>', 'above this number', wholeNumber)
    .action(ask((actions, client, options, what: string) => actions.exportAll(client, what, options)))
  declare('webhooks', 'who is told of events, and how that goes').action(
    ask((actions, client) => actions.webhooks(client)),
  )
  declare('webhook', 'send a message to a webhook now; exit code 1 when it does not arrive')
    .argument('<test>', 'test')
    .argument('<webhook>', 'its name')
    .action(ask((actions, client, _, what: string, name: string) => actions.webhook(client, what, name)))
}

const timed = (command: Command): Command =>
  command
    .option('--since <time>', `then or later: ${WHEN}`)
    .option('--until <time>', 'before that, written in the same way')

const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const eventFilter = (command: Command): Command =>
  command
    .option(
      '--kind <kind>',
      'of events: episode, cluster, drift, source or decision; may be given more than once',
      list,
    )
    .option('--source <name>', 'of this source; may be given more than once for events', list)
    .option('--episode <episode>', `of events, of this episode: ${EPISODE}`)
    .option('--cluster <cluster>', `of this cluster: ${CLUSTER}`)
    .option('--min-score <score>', 'of episodes: least peak score', decimal)

const episodeFilter = (command: Command, isOwn = true): Command => {
  if (isOwn) {
    command
      .option('--cluster <cluster>', `of this cluster: ${CLUSTER}`)
      .option('--min-score <score>', 'least peak score', decimal)
  }
  return command
    .option('--open', 'episodes that are open')
    .option('--muted', 'episodes that are muted')
    .option('--no-muted', 'episodes that are not')
    .option('--acknowledged', 'episodes that somebody has seen')
    .option('--no-acknowledged', 'episodes that nobody has seen')
}

function decimal(text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number.')
}

const shared = (command: Command): Command =>
  command
    .option('--url <url>', 'where the daemon listens (default: AUSCULT_URL, or http://127.0.0.1:8080)')
    .option('--token <secret>', 'what http.token of the daemon says (default: AUSCULT_TOKEN)')
    .option('--json', 'print the answer as one JSON object')

/** What commander calls: arguments, options, command. */
function ask<A extends unknown[]>(work: Work<A>): Handler {
  return async (...given) => {
    const { url, token, json, ...own } = given.at(-2) as CtlOptions & Values
    const { runCtl } = await import('./run.ts')
    const actions = await import('./actions.ts')
    const args = given.slice(0, -2) as A
    const code = await runCtl({ url, token, json }, client => work(actions, client, own as Values, ...args))
    if (code !== 0) process.exitCode = code
  }
}

/** The same, with `who` decides. */
function decide<A extends unknown[]>(
  work: (actions: Actions, client: Client, options: Values & { who: string }, ...args: A) => Promise<Outcome>,
): Handler {
  return ask<A>(async (actions, client, options, ...args) => {
    const { whoami } = await import('./run.ts')
    const { who = whoami(), ...rest } = options as Values & { who?: string }
    return work(actions, client, { ...rest, who } as Values & { who: string }, ...args)
  })
}
