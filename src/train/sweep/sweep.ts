import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { checkConfig } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { type Progress, silentProgress } from '../../progress.ts'
import { type TrainConfig, trainConfigSchema } from '../config.ts'
import { labelledFiles } from '../labels.ts'
import type { SweepConfig } from './config.ts'
import { SweepFiles } from './files.ts'
import { runMember } from './member-child.ts'
import { type Member, memberConfigs, membersOf } from './members.ts'
import { renderSweep } from './report.ts'
import { type MemberResult, rank, type SweepResult } from './result.ts'
import { describeMember } from './text.ts'

export interface SweepCommand {
  /** Ends the running members; their checkpoints stay. */
  signal?: AbortSignal
  /** Keeps what is done of the same sweep, and trains the rest: members that were cut short go on from their checkpoints. */
  resume?: boolean
  progress?: Progress
}

/**
 * Trains a model for each combination of values, several processes at once. The table of results is written after each; a member that
 * fails is a line of it.
 * @param raw a training configuration with `sweep:`, as it is written, without defaults
 * @throws AUSCULT_CONFIG for values that are not allowed, and for another sweep to resume; AUSCULT_LABELS, AUSCULT_OUTPUT, AUSCULT_STATE
 */
export async function runSweep(raw: object, command: SweepCommand = {}): Promise<SweepResult> {
  const { signal, resume = false, progress = silentProgress } = command
  const startedAt = performance.now()
  const config = checkConfig(raw, trainConfigSchema, 'sweep')
  const sweep = config.sweep!
  const files = new SweepFiles(config.output)
  const members = membersOf(sweep)
  const parallel = parallelOf(config, sweep, members.length)
  const configs = memberConfigs(raw, members, files.bundleOf).map(member => withThreads(member, parallel))
  if (sweep.labels !== null) labelledFiles(sweep.labels)
  files.prepare()
  const hash = hashOf(raw, sweep)
  const earlier = files.read()
  if (resume) requireSame(earlier, hash, files.folder)
  else files.remove([...members, ...(earlier?.members ?? [])].map(({ id }) => id))
  const results = new Map<string, MemberResult>(members.map(member => [member.id, { ...member, state: 'missing' }]))
  if (resume) for (const member of earlier!.members) if (isKept(member, files)) results.set(member.id, member)
  const before = resume ? earlier!.seconds : 0

  const result = (): SweepResult => {
    const ranked = rank([...results.values()])
    const count = (state: MemberResult['state']) => ranked.members.filter(member => member.state === state).length
    const [first] = ranked.members
    return {
      format: 1,
      name: config.name,
      folder: files.folder,
      config: hash,
      created: new Date().toISOString(),
      sorted_by: ranked.sorted_by,
      best: first.state === 'done' ? first.bundle : null,
      done: count('done'),
      failed: count('failed'),
      missing: count('missing'),
      seconds: before + (performance.now() - startedAt) / 1000,
      members: ranked.members,
    }
  }
  const write = () => files.write(result(), renderSweep(result()))
  write()

  const train = async ({ id, values }: Member, memberConfig: TrainConfig): Promise<void> => {
    files.tidy(id)
    const { labels, aggregate } = sweep
    const task = { config: memberConfig, resume: resume && files.hasCheckpoint(id), labels, aggregate }
    const ended: MemberResult = { id, values, ...(await runMember(task, files.logOf(id), signal)) }
    results.set(id, ended)
    write()
    if (ended.state !== 'missing') progress.line(describeMember(ended))
  }
  const waiting = members
    .map((member, i) => ({ member, config: configs[i] }))
    .filter(({ member }) => !isDone(member.id))
  function isDone(id: string): boolean {
    return results.get(id)?.state === 'done'
  }
  const show = () => {
    const done = [...results.values()].filter(({ state }) => state !== 'missing').length
    progress.update({ title: 'sweep', done, total: members.length, details: [`${done} of ${members.length} models`] })
  }
  const lane = async () => {
    for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift()) {
      await train(next.member, next.config)
      show()
    }
  }
  try {
    show()
    await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, lane))
  } finally {
    progress.close()
  }
  return result()
}

/** What is done stays; what failed is tried again. */
const isKept = (member: MemberResult, files: SweepFiles): boolean =>
  member.state === 'done' && files.hasBundle(member.id)

function parallelOf({ engine }: TrainConfig, { parallel }: SweepConfig, members: number): number {
  const cores =
    engine.device === 'cpu' ? Math.max(1, Math.floor(availableParallelism() / Math.max(1, engine.threads))) : 1
  return Math.min(parallel ?? cores, members)
}

/** Where the configuration leaves threads open, members share the cores. */
function withThreads(config: TrainConfig, parallel: number): TrainConfig {
  const threads = config.engine.threads || Math.max(1, Math.floor(availableParallelism() / parallel))
  return { ...config, engine: { ...config.engine, threads } }
}

/** Of all that results depend on. */
function hashOf(raw: object, { parallel: _, ...sweep }: SweepConfig): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...raw, sweep }))
    .digest('hex')
}

function requireSame(earlier: SweepResult | undefined, hash: string, folder: string): void {
  if (!earlier) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'there is no sweep to resume', {
      at: folder,
      remedy: 'Sweep without --resume.',
    })
  }
  if (earlier.config === hash) return
  throw new AuscultError('AUSCULT_CONFIG', 'the sweep was begun with another configuration', {
    at: folder,
    remedy: 'Restore it (sweep.parallel may differ), or sweep without --resume, which begins anew.',
  })
}
