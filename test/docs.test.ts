import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { checkConfig } from '../src/config.ts'
import { declareCtl } from '../src/ctl/command.ts'
import { daemonConfigSchema } from '../src/daemon.ts'
import { checkArchitecture } from '../src/model/architectures/config.ts'
import { createFrontEnd } from '../src/model/frontends/create.ts'
import { apiRoutes, type DaemonView } from '../src/stream/api.ts'
import { EVENT_KINDS, kindOf } from '../src/stream/event-facts.ts'
import { eventFromJson } from '../src/stream/event-json.ts'
import { metricsSchema } from '../src/stream/metrics/config.ts'
import { Metrics } from '../src/stream/metrics.ts'
import { serverSchemas, subscribeSchema } from '../src/stream/websocket/messages.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { CLI } from './helpers/build.ts'
import * as requires from './helpers/requires.ts'
import { PROJECT } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { checkMessage } from './helpers/websocket-schema.ts'

interface Block {
  page: string
  /** What follows the three backticks, for example `yaml run`. */
  info: string
  text: string
}

const docs = readdirSync(join(PROJECT, 'docs')).filter(name => name.endsWith('.md'))
const pages = ['README.md', 'ARCHITECTURE.md', ...docs.map(name => `docs/${name}`)]
const texts = new Map(pages.map(page => [page, readFileSync(join(PROJECT, page), 'utf8')]))
const everything = [...texts.values()].join('\n')
const blocks = pages.flatMap(blocksOf)
const promtool = requires.promtool()
const { write } = temporaryFolder()
const metrics = new Metrics({ version: '', node: '', bundle: '', created: 0 }, metricsSchema.parse({})).declared

function blocksOf(page: string): Block[] {
  const found = texts.get(page)!.matchAll(/^```(\S[^\n]*)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, info, text]) => ({ page, info, text }))
}

const blocksWith = (info: string) => blocks.filter(block => block.info === info)

function names(text: string): string[] {
  return [...new Set(text.match(/\bauscult_[a-z_]*[a-z]\b/g) ?? [])].sort()
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  const prose = texts.get(page)!.replace(/^```[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Commands as the pages write them: in blocks, and between backticks. */
function commandLines(): { page: string; words: string[] }[] {
  const lines = pages.flatMap(page => {
    const text = texts.get(page)!
    const inBlocks = blocksOf(page).flatMap(block => block.text.split('\n'))
    const indented = text.split('\n').filter(line => line.startsWith('    '))
    const inline = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(match => match[1])
    return [...inBlocks, ...indented, ...inline].map(line => ({ page, line: line.trim().split(/\s+#|\s\|/)[0] }))
  })
  return lines
    .map(({ page, line }) => ({
      page,
      line: line.replace(/^(\$|time) /, '').replace(/^npm start( --)?/, 'auscult demo'),
    }))
    .filter(({ line }) => /^(npx )?auscult [^…<]/.test(line))
    .map(({ page, line }) => ({
      page,
      words: line
        .replace(/^npx /, '')
        .split(/[\s,]+/)
        .slice(1),
    }))
}

function help(...command: string[]): string {
  const args = [CLI, ...command, '--help']
  return spawnSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' }).stdout
}

/** Options of the commands below `auscult ctl`, by `ctl mute`. */
function ctlOptions(): Record<string, string[]> {
  const program = new Command()
  declareCtl(program, Number)
  const [ctl] = program.commands
  const named = ctl.commands.map(each => [`ctl ${each.name()}`, each.options.map(({ long }) => long!)] as const)
  return { ctl: [], ...Object.fromEntries(named) }
}

describe('links', () => {
  const links = pages.flatMap(page =>
    [...texts.get(page)!.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => ({ page, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  )

  it('lead to files that exist', () => {
    const dead = links
      .map(({ page, target }) => ({ page, target, file: target.split('#')[0] }))
      .filter(({ page, file }) => file !== '' && !existsSync(join(PROJECT, dirname(page), file)))
    expect(dead.map(({ page, target }) => `${page}: ${target}`)).toEqual([])
  })

  it('lead to headings that exist', () => {
    const dead = links.filter(({ page, target }) => {
      const [file, anchor] = target.split('#')
      if (anchor === undefined) return false
      const to = file === '' ? page : normalize(join(dirname(page), file))
      return texts.has(to) && !anchorsOf(to).includes(anchor)
    })
    expect(dead.map(({ page, target }) => `${page}: ${target}`)).toEqual([])
  })
})

describe('README.md', () => {
  const lines = blocksOf('README.md').flatMap(block => block.text.split('\n'))

  it.each(['npm ci && npm start', 'npm ci && npm test'])('shows %s', command => {
    expect(lines).toContain(command)
  })

  it('names every page of docs', () => {
    const linked = docs.filter(name => texts.get('README.md')!.includes(`docs/${name}`))
    expect(linked).toEqual(docs)
  })
})

describe('ARCHITECTURE.md', () => {
  it('names files that exist, and something of every folder of src', () => {
    const named = [...texts.get('ARCHITECTURE.md')!.matchAll(/`((?:src|test|dashboards)\/[\w./-]+)`/g)].map(
      ([, path]) => path,
    )
    expect(named.filter(path => !existsSync(join(PROJECT, path)))).toEqual([])
    const folders = readdirSync(join(PROJECT, 'src'), { withFileTypes: true }).filter(entry => entry.isDirectory())
    expect(folders.filter(({ name }) => !named.some(path => path.startsWith(`src/${name}/`)))).toEqual([])
  })
})

describe('configurations', () => {
  it.each(blocksWith('yaml train'))('for train in $page pass the schema, and their layers fit', ({ page, text }) => {
    const config = checkConfig(parse(text), trainConfigSchema, page)
    expect(() => checkArchitecture(config.architecture, createFrontEnd(config.front_end).featureShape)).not.toThrow()
  })

  it.each(blocksWith('yaml run'))('for run in $page pass the schema', ({ page, text }) => {
    expect(() => checkConfig(parse(text), daemonConfigSchema, page)).not.toThrow()
  })

  it.each(blocksWith('yaml record'))('for record in $page pass the schema', ({ page, text }) => {
    expect(() => checkConfig(parse(text), daemonConfigSchema.partial({ bundle: true }), page)).not.toThrow()
  })

  it('are there', () => {
    expect(blocksWith('yaml train').length).toBeGreaterThanOrEqual(5)
    expect(blocksWith('yaml run').length).toBeGreaterThanOrEqual(5)
  })
})

describe('commands', () => {
  const lines = commandLines().map(({ page, words: [first, second, ...rest] }) => {
    const isNested = first === 'ctl' && second !== undefined && !second.startsWith('-')
    return {
      page,
      words: isNested ? [`ctl ${second}`, ...rest] : [first, second, ...rest].filter(word => word !== undefined),
    }
  })
  const own = [...help().matchAll(/^ {2}([a-z]+) [[<]/gm)].map(([, name]) => name).filter(name => name !== 'help')
  const options: Record<string, string[]> = {
    ...Object.fromEntries(own.map(name => [name, help(name).match(/--[a-z-]+/g) ?? []])),
    ...ctlOptions(),
  }
  const commands = Object.keys(options)

  it('exist', () => {
    const unknown = lines.filter(({ words: [first] }) => !first.startsWith('-') && !commands.includes(first))
    expect(unknown.map(({ page, words }) => `${page}: ${words.join(' ')}`)).toEqual([])
    expect(lines.length).toBeGreaterThan(20)
  })

  it('have the options that are used with them', () => {
    const wrong = lines.flatMap(({ page, words: [command, ...rest] }) =>
      rest
        .filter(word => word.startsWith('--') && !(options[command] ?? []).includes(word.split('=')[0]))
        .map(word => `${page}: ${command} ${word}`),
    )
    expect(wrong).toEqual([])
  })

  it('have the options that are named alone', () => {
    const named = [...everything.matchAll(/`(--[a-z-]+)/g)].map(([, option]) => option)
    const known = Object.values(options).flat()
    expect(named.filter(option => !known.includes(option))).toEqual([])
  })

  it('have each of their options named somewhere', () => {
    const unnamed = Object.entries(options).flatMap(([command, known]) =>
      known.filter(option => option !== '--help' && !everything.includes(option)).map(option => `${command} ${option}`),
    )
    expect(unnamed).toEqual([])
  })
})

describe('docs/metrics.md', () => {
  const page = texts.get('docs/metrics.md')!
  const recipes = blocksWith('promql').flatMap(({ text }) => text.trim().split('\n\n'))

  it('lists every metric with its type, labels and meaning, and nothing else', () => {
    const rows = [...page.matchAll(/^\| `(auscult_\w+)` \| (\w+) \| ?(.*?) \| (.*) \|$/gm)].map(match => match.slice(1))
    const wanted = metrics.map(({ name, type, labels, help }) => [name, type, labels.join(', '), help])
    expect(rows.toSorted()).toEqual(wanted.toSorted())
  })

  it('is the only list, and no page names a metric that is not there', () => {
    const known = metrics.flatMap(({ name, type }) =>
      type === 'histogram' ? [name, ...['bucket', 'count', 'sum'].map(part => `${name}_${part}`)] : [name],
    )
    expect(names(everything).filter(name => !known.includes(name))).toEqual([])
  })

  it('asks each question with one expression', () => {
    expect(recipes.length).toBeGreaterThan(10)
    for (const recipe of recipes) expect(recipe).toMatch(/^# [^\n]+\n[^#\n]+$/)
  })

  it.skipIf(!promtool)('asks what Prometheus understands', () => {
    const rules = recipes.map((recipe, i) => ({ record: `question:${i}`, expr: recipe.split('\n')[1] }))
    const file = write('questions.yml', stringify({ groups: [{ name: 'questions', rules }] }))
    const { status, stderr } = spawnSync(promtool!, ['check', 'rules', file], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })
})

describe('docs/websocket.md', () => {
  const page = texts.get('docs/websocket.md')!
  const said = (side: string) => blocksWith(`json ${side}`).map(({ text }) => JSON.parse(text))

  it('shows messages that fit the schema, one of each type at least', () => {
    for (const message of [...said('server'), ...said('event')]) checkMessage('server', message)
    for (const message of said('client')) checkMessage('client', message)
    const types = said('server').map(({ type }) => type)
    expect(new Set(types)).toEqual(new Set(serverSchemas.map(({ shape }) => shape.type.value)))
    const kinds = said('event').map(event => kindOf(eventFromJson(event)!.type))
    expect(new Set(kinds)).toEqual(new Set(EVENT_KINDS))
    expect(said('client').map(({ type }) => type)).toEqual(['subscribe'])
  })

  it('names every field of the query and of subscribe', () => {
    const fields = Object.keys(subscribeSchema.shape).filter(field => field !== 'type')
    const query = ['source', 'kind', 'every', 'detail', 'view', 'after', 'store']
    expect([...fields, ...query].filter(field => !page.includes(`| \`${field}\` |`))).toEqual([])
  })
})

describe('docs/stream-api.md', () => {
  const page = texts.get('docs/stream-api.md')!

  it('lists every route', () => {
    const routes = Object.keys(apiRoutes({} as DaemonView))
    expect(routes.filter(route => !page.includes(`| \`${route}\` |`))).toEqual([])
  })

  it('shows JSON', () => {
    for (const { info, text } of blocks.filter(block => block.info.startsWith('json')))
      expect(() => JSON.parse(text), info).not.toThrow()
  })
})
