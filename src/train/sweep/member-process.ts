import { AuscultError, messageOf } from '../../errors.ts'
import { createProgress } from '../../progress.ts'
import { engineOf } from '../config.ts'
import { evaluateBundle } from '../evaluate.ts'
import { runTraining } from '../train.ts'
import type { FromMember, ToMember } from './protocol.ts'
import type { Done } from './result.ts'

// Entry of a process that trains one member of a sweep. What it is told to write goes to its log.

// A terminal sends Ctrl-C to every process of the sweep; the first of them decides.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(1))
process.once('message', (message: ToMember) => {
  void answer(message).then(reply => process.send!(reply, () => process.exit(0)))
})

async function answer(message: ToMember): Promise<FromMember> {
  try {
    return { type: 'done', result: await train(message) }
  } catch (error) {
    if (!(error instanceof AuscultError)) console.error(error)
    else process.stderr.write(`${error.toString()}\n`)
    return error instanceof AuscultError
      ? { type: 'failed', code: error.code, message: `${error.at ? `${error.at}: ` : ''}${error.message}` }
      : { type: 'failed', code: null, message: messageOf(error) }
  }
}

async function train({ config, resume, labels, aggregate }: ToMember): Promise<Done> {
  const progress = createProgress()
  const { bundleFolder, summary } = await runTraining(config, { resume, progress })
  const { ended, epochs, best_epoch, train_loss, validation_loss, bootstrap, threshold, warnings } = summary
  const engine = engineOf(config.engine)
  const measures =
    labels === null ? undefined : await evaluateBundle({ bundle: bundleFolder, labels, aggregate, engine, progress })
  return {
    state: 'done',
    bundle: bundleFolder,
    ended,
    epochs,
    best_epoch,
    train_loss,
    validation_loss,
    bootstrap,
    threshold,
    roc_auc: measures?.roc_auc ?? null,
    partial_roc_auc: measures?.partial_roc_auc ?? null,
    average_precision: measures?.average_precision ?? null,
    seconds: summary.seconds,
    warnings,
  }
}
