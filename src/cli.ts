#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { z } from './config.ts'
import { declareCtl } from './ctl/command.ts'
import type { DaemonConfig } from './daemon-config.ts'
import type { Section } from './doctor/check.ts'
import { AuscultError, messageOf } from './errors.ts'
import type { SourceType } from './ingest/source-config.ts'
import { THRESHOLDS } from './threshold-text.ts'
import { timeLimit } from './time-limit.ts'
import type { Space } from './train/evaluation/spaces.ts'
import { VERSION } from './version.ts'

/*
 * Each command loads only the parts that it needs. Results go to stdout; progress, logs and errors to stderr.
 * Exit codes: 0 ok, 1 failed, 2 usage or configuration, 130 interrupted twice.
 */

const program = new Command('auscult')
  .description(
    'Learns what normal sounds or looks like from recordings, then watches live feeds and names what is not normal.',
  )
  .version(VERSION)
  .showHelpAfterError('(--help shows how it is used)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Begin with:
  auscult demo                        a synthetic machine, from training to live episodes
  auscult config train > train.yaml   a commented sample configuration
  auscult train train.yaml            recordings to a model bundle
  auscult config run > run.yaml
  auscult run run.yaml                watch a feed with the bundle`,
  )

/** Reads the number of an option. @throws what commander reports as a usage error */
const number =
  (wanted = 'a number', isGood: (value: number) => boolean = () => true) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value) && isGood(value)) return value
    throw new InvalidArgumentError(`It must be ${wanted}.`)
  }

/** Those of src/ingest/source-config.ts, which only commands that need it load. */
const SOURCES = ['files', 'folder', 'microphone', 'kafka'] as const satisfies readonly SourceType[]

/** Those of src/train/evaluation/spaces.ts. */
const SPACES = ['latent', 'map', 'pca2', 'pca3'] as const satisfies readonly Space[]
const isCount = (value: number): boolean => Number.isInteger(value) && value > 0

/** Values of an option that may be repeated. */
const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value]

const configArgument = '[config.yaml]'
const configText =
  'the configuration, in YAML; every option can also be set as AUSCULT_… (http.port: AUSCULT_HTTP_PORT)'
const configOption = () => new Option('-c, --config <file>', 'the same, as an option')
const jsonOption = () => new Option('--json', 'print the result as one JSON object')
const engineOption = () => new Option('--engine <engine>', 'what computes').choices(['onnx', 'tfjs']).default('onnx')
const deviceOption = () =>
  new Option('--device <device>', 'where it is computed').choices(['auto', 'cpu', 'webgpu', 'cuda']).default('auto')
const precisionOption = (...more: 'all'[]) =>
  new Option('--precision <precision>', `how exactly it is computed${more.length ? '; all: compares them' : ''}`)
    .choices(['fp32', 'fp16', 'int8', ...more])
    .default('fp32')
const threadsOption = () =>
  new Option('--threads <n>', 'threads of the CPU; 0: all cores')
    .default(0)
    .argParser(number('a whole number', value => Number.isInteger(value) && value >= 0))

/** Whether speed counts for more than memory: a topic may hold any number of feeds. */
const isBusy = ({ sources }: DaemonConfig): boolean =>
  Object.keys(sources).length > 4 || Object.values(sources).some(({ type }) => type === 'kafka')

program
  .command('train')
  .description('train a model on recordings of normal operation and write it as a bundle, with a report')
  .argument(configArgument, configText)
  .addOption(configOption())
  .option('--resume', 'go on from the checkpoint that an earlier run of this configuration left')
  .addOption(new Option('--overfit-one-batch', 'only try whether one batch is learned by heart').conflicts('resume'))
  .addOption(jsonOption())
  .action(async (file: string | undefined, { config: named, json, ...options }) => {
    const { trainConfigSchema } = await import('./train/config.ts')
    const config = await load('train', file ?? named, trainConfigSchema)
    const { runTrainCommand } = await import('./train/command.ts')
    const signal = interruption('ending the epoch; what was learned is kept. Again to stop at once.')
    const { result, text, failed } = await runTrainCommand(config, { file: (file ?? named)!, signal, ...options })
    print(json ? JSON.stringify(result) : text)
    if (failed) process.exitCode = 1
  })

program
  .command('run')
  .description('watch feeds with a bundle: episodes over WebSocket, metrics for Prometheus, a live page')
  .argument(configArgument, configText)
  .addOption(configOption())
  .action(async (file: string | undefined, options: { config?: string }) => {
    const { keepHeapsSmall, letHeapsGrow } = await import('./heap.ts')
    keepHeapsSmall()
    const { daemonConfigSchema } = await import('./daemon-config.ts')
    const config = await load('run', file ?? options.config, daemonConfigSchema)
    if (isBusy(config)) letHeapsGrow()
    const { createDaemon } = await import('./daemon.ts')
    const { createLogger } = await import('./logger.ts')
    const logger = createLogger(config.log.level)
    const daemon = createDaemon(config, { logger })
    const signal = interruption('draining; again to stop at once')
    signal.addEventListener('abort', () => void daemon.stop())
    try {
      await daemon.start()
      await daemon.finished
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      await daemon.stop()
    }
    logger.info('stopped')
  })

program
  .command('record')
  .description('capture feeds to rotating files, so that normal operation becomes a training set')
  .argument(configArgument, configText)
  .addOption(configOption())
  .option(
    '--seconds <n>',
    'stop after so long',
    number('a positive number', value => value > 0),
  )
  .addOption(jsonOption())
  .action(async (file: string | undefined, options: { config?: string; seconds?: number; json?: boolean }) => {
    const { recordingConfigSchema } = await import('./daemon-config.ts')
    const config = await load('record', file ?? options.config, recordingConfigSchema)
    const { createLogger } = await import('./logger.ts')
    const { formatRecorded, runRecording } = await import('./record.ts')
    const stop = interruption('writing what was received; again to stop at once')
    const signal = options.seconds ? timeLimit(stop, options.seconds) : stop
    const recorded = await runRecording(config, { logger: createLogger(config.log.level), signal })
    print(options.json ? JSON.stringify(recorded) : formatRecorded(recorded))
  })

program
  .command('events')
  .description('print the events that a daemon stored, as lines of JSON, oldest first')
  .argument('<store>', 'the file of store.path, while no daemon runs on it')
  .option('--episodes', 'each episode once, as it was in the end')
  .option('--source <name>', 'this source only')
  .action(async (path: string, options: { episodes?: boolean; source?: string }) => {
    const { listEvents } = await import('./stream/store/list-events.ts')
    for await (const line of listEvents(path, options)) print(line)
  })

declareCtl(program, number('a whole number above 0', isCount))

program
  .command('evaluate')
  .description('score recordings with a bundle and compare with labels; group their latents, estimate anomalous shares')
  .argument('<bundle>', 'folder that `auscult train` wrote')
  .argument('[paths...]', 'folders, files or globs; without any, the recordings that the label file names')
  .option('--labels <csv>', 'lines of file,label or file,label,class (1 normal, -1 anomalous; a class is any word)')
  .option('--threshold <policy:value>', `${THRESHOLDS} (default: percentile:99.5)`)
  .addOption(new Option('--per <what>', 'what is scored').choices(['file', 'window']).default('file'))
  .addOption(
    new Option('--aggregate <how>', 'score of a file from its windows').choices(['mean', 'max']).default('mean'),
  )
  .option(
    '--hop-seconds <s>',
    'seconds between windows (default: their length)',
    number('above 0', value => value > 0),
  )
  .option(
    '--max-fpr <rate>',
    'largest false positive rate of the partial AUC and of --fraction',
    number('above 0, up to 1', rate => rate > 0 && rate <= 1),
    0.1,
  )
  .addOption(new Option('--clusters <method>', 'group the latents').choices(['kmeans', 'gmm', 'denstream']))
  .option('--k <n>', 'clusters to find, or auto: 1 to 10, by silhouette (kmeans) or BIC (gmm)', text =>
    text === 'auto' ? text : number('auto, or a whole number above 0', isCount)(text),
  )
  .addOption(new Option('--space <space>', 'where they are grouped (default: latent)').choices(SPACES))
  .option('--fraction', 'estimate the anomalous share of the recordings without a label')
  .addOption(new Option('--fraction-by <what>', 'the same for each class or folder').choices(['class', 'folder']))
  .option(
    '--machine <pattern>',
    "which machine a recording is of, as a regular expression of its path: 'id_\\d+' (default: column `machine` of the labels)",
  )
  .option('--compare <bundle>', 'judge another bundle by the same recordings, side by side; may be repeated', collect)
  .option('--report <file.html>', 'write a page with curves, histograms, machines, maps, reconstructions and all else')
  .option('--seed <n>', 'of clusters, bootstraps and intervals', number('a whole number', Number.isInteger), 0)
  .addOption(engineOption())
  .addOption(deviceOption())
  .addOption(precisionOption('all'))
  .addOption(threadsOption())
  .addOption(jsonOption())
  .action(async (bundle: string, paths: string[], { json, ...options }) => {
    const { runEvaluateCommand } = await import('./train/evaluate-command.ts')
    const { evaluation, text } = await runEvaluateCommand(bundle, paths, options)
    print(json ? JSON.stringify(evaluation) : text)
    if (options.report) process.stderr.write(`report: ${options.report}\n`)
  })

program
  .command('model')
  .description('say what an ONNX model or a bundle is: inputs, outputs, operators, weights, candidates for the latent')
  .argument('<file|bundle>', 'an .onnx file, or a folder that `auscult train` or `auscult calibrate` wrote')
  .addOption(new Option('--manifest', 'print a draft of the manifest that `auscult calibrate` needs').conflicts('json'))
  .addOption(jsonOption())
  .action(async (path: string, options: { manifest?: boolean; json?: boolean }) => {
    const { showModel } = await import('./model/foreign/show.ts')
    print(await showModel(path, options))
  })

program
  .command('calibrate')
  .description('make a bundle of an ONNX model that was made elsewhere, with recordings of normal operation')
  .argument(
    '<model.onnx>',
    'an autoencoder; its manifest lies beside it as .yaml: `auscult model --manifest` drafts it',
  )
  .argument('<paths...>', 'folders, files or globs of recordings')
  .option('--manifest <file.yaml>', 'another manifest')
  .option('--output <folder>', 'folder of the bundle (default: beside the model, where `model:` of a run looks)')
  .option(
    '--hop-seconds <s>',
    'seconds between windows (default: their length)',
    number('above 0', value => value > 0),
  )
  .option('--seed <n>', 'of clusters and the map', number('a whole number', Number.isInteger), 0)
  .addOption(deviceOption().default('cpu'))
  .addOption(threadsOption())
  .addOption(jsonOption())
  .action(async (model: string, paths: string[], { device, threads, json, ...rest }) => {
    const { calibrateModel } = await import('./train/foreign/calibrate-model.ts')
    const { formatCalibration } = await import('./train/foreign/format-calibration.ts')
    const { createProgress } = await import('./progress.ts')
    const engine = { device, threads }
    const summary = await calibrateModel({ model, paths, ...rest, engine, progress: createProgress() })
    print(json ? JSON.stringify(summary) : formatCalibration(summary))
  })

program
  .command('reconstruct')
  .description('write what the model makes of recordings: wavs for models on raw samples, .npy of features for others')
  .argument('<bundle>', 'folder that `auscult train` wrote')
  .argument('<paths...>', 'folders, files or globs')
  .option('--out <folder>', 'folder to write to', 'reconstructed')
  .addOption(engineOption())
  .addOption(deviceOption())
  .addOption(precisionOption())
  .addOption(threadsOption())
  .action(async (bundle: string, paths: string[], { out, ...engine }) => {
    const { reconstructRecordings } = await import('./train/reconstruct.ts')
    const { createProgress } = await import('./progress.ts')
    const written = await reconstructRecordings({ bundle, paths, out, engine, progress: createProgress() })
    for (const file of written) print(file)
  })

program
  .command('demo')
  .description('synthesise a machine, train on it, and watch it live while faults come and go')
  .option('--once', 'listen to the feed once, as fast as possible, and end')
  .option('--json', 'end with one line of JSON on stdout; everything else goes to stderr')
  .option('--seed <n>', 'another seed, another machine with other faults', number())
  .option('--port <n>', 'port of the live page (default: 8080, or a free one where that is taken)', number())
  .option('--minutes <n>', 'minutes of normal sound in the feed, besides the faults', number())
  .option('--speed <x>', 'times real time that the feed plays at, unless --once', number())
  .addOption(
    new Option(
      '--save <folder>',
      'keep recordings, model and feed in a folder, for configurations of your own, and end',
    ).conflicts(['once', 'json', 'port', 'speed']),
  )
  .action(async ({ save, ...options }) => {
    const { demoOptionsSchema } = await import('./demo/options.ts')
    const { checkConfig } = await import('./config.ts')
    const checked = checkConfig(options, demoOptionsSchema, 'demo', '`auscult demo --help` shows the options.')
    const say = (line: string) => void (checked.json ? process.stderr : process.stdout).write(`${line}\n`)
    const signal = interruption('cleaning up')
    if (save !== undefined) {
      const { saveDemo } = await import('./demo/save.ts')
      const { createProgress } = await import('./progress.ts')
      const saved = await saveDemo(save, checked, { say, signal, progress: createProgress() })
      if (!saved) process.exitCode = 130
      return
    }
    const { runDemo } = await import('./demo/demo.ts')
    const result = await runDemo(checked, { say, signal })
    if (checked.json && result) print(JSON.stringify(result))
  })

program
  .command('doctor')
  .description(
    'look whether all is there that a configuration needs: devices, recorders, brokers, ports, folders, the model',
  )
  .argument(configArgument, 'a configuration of `auscult run` or `auscult train`; without one, the defaults')
  .addOption(configOption())
  .addOption(jsonOption())
  .action(async (file: string | undefined, options: { config?: string; json?: boolean }) => {
    const { examine } = await import('./doctor/doctor.ts')
    const { formatSection, formatVerdict } = await import('./doctor/format.ts')
    const { isTTY, columns } = process.stdout
    const screen = { columns: isTTY ? columns : undefined, colors: isTTY && !process.env.NO_COLOR }
    const onSection = (section: Section) => print(`${formatSection(section, screen)}\n`)
    const diagnosis = await examine(file ?? options.config, options.json ? {} : { onSection })
    print(options.json ? JSON.stringify(diagnosis) : formatVerdict(diagnosis, screen))
    process.exitCode = diagnosis.ok ? 0 : 1
  })

program
  .command('config')
  .description('print a commented sample configuration with every option and its default')
  .addArgument(program.createArgument('<train|run|record>', 'whose configuration').choices(['train', 'run', 'record']))
  .addOption(new Option('--source <type>', 'type of the source that is shown').choices(SOURCES).default('files'))
  .action(async (command: 'train' | 'run' | 'record', { source }: { source: SourceType }) => {
    const { configSample } = await import('./config-sample.ts')
    const schemas = {
      train: async () => (await import('./train/config.ts')).trainConfigSchema,
      run: async () => (await import('./daemon-config.ts')).daemonConfigWith(source),
      record: async () =>
        (await import('./daemon-config.ts')).daemonConfigWith(source).pick({ sources: true, record: true, log: true }),
    }
    const schema: z.ZodType = await schemas[command]()
    process.stdout.write(configSample(schema))
  })

async function load<T>(command: string, file: string | undefined, schema: z.ZodType<T>): Promise<T> {
  const sample = `auscult config ${command}`
  if (!file) {
    throw new AuscultError('AUSCULT_USAGE', 'no configuration file was given', {
      at: command,
      remedy: `Make one with \`${sample} > ${command}.yaml\`, then \`auscult ${command} ${command}.yaml\`.`,
    })
  }
  const { loadConfig } = await import('./config.ts')
  return loadConfig(file, schema, process.env, `\`${sample}\``)
}

/** Aborts at the first SIGINT or SIGTERM, saying what happens now; the second ends the process. */
function interruption(notice: string): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      process.stderr.write(`\n${name}: ${notice}\n`)
      controller.abort(new Error(name))
    })
  }
  return controller.signal
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints an error as a user can act on it and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof AuscultError) {
    process.stderr.write(`auscult: ${error.toString()}\n`)
    return error.exitCode
  }
  const detail = process.env.AUSCULT_DEBUG && error instanceof Error ? error.stack : messageOf(error)
  process.stderr.write(`auscult: unexpected failure: ${detail}\n  → AUSCULT_DEBUG=1 shows where; please report it.\n`)
  return 1
}

// A reader that has seen enough (`auscult config train | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}
