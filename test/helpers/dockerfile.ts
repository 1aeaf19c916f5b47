import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface Instruction {
  readonly name: string
  /** What follows it, with continued lines joined. */
  readonly text: string
  readonly flags: Readonly<Record<string, string>>
  /** Of the form in brackets, or the words. */
  readonly words: readonly string[]
}

/** What a stage comes to. */
export interface Built {
  /** Folder that stands for the root of its file system. */
  readonly root: string
  workdir: string
  readonly env: Record<string, string>
  /** The last of each kind: USER, ENTRYPOINT, CMD, HEALTHCHECK, … */
  readonly last: Record<string, Instruction>
  /** RUN instructions that change the system, which were left out. */
  readonly system: string[]
}

/** The instructions of a Dockerfile without heredocs. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split('\n').filter(line => !/^\s*(#|$)/.test(line))
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map(line => {
      const [, name, rest] = /^(\S+)\s+(.*)$/.exec(line)!
      const flags = Object.fromEntries([...rest.matchAll(/(?:^|\s)--([a-z-]+)=(\S+)(?=\s)/g)].map(([, k, v]) => [k, v]))
      const body = rest.replace(/^(--[a-z-]+=\S+\s+)+/, '')
      const list = /\[.*\]$/.exec(body)?.[0]
      return { name, text: body, flags, words: list ? JSON.parse(list) : body.split(/\s+/) }
    })
}

/** Whether a .dockerignore lets a path (from the context) through: the last pattern that fits it or a folder above it decides. */
export function isInContext(path: string, ignore: string): boolean {
  const patterns = ignore.split('\n').filter(line => line && !line.startsWith('#'))
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+?]/g, '\\$&').replace(/\*/g, '[^/]*')}(/|$)`).test(path)
  return patterns.reduce((isIn, line) => {
    const isException = line.startsWith('!')
    return fits(line.replace(/^!/, '')) ? isException : isIn
  }, true)
}

/** Changes packages or users of the image. */
const SYSTEM = /^(apt-get|usermod|useradd)\b/

/** Done in the context already. */
const DEVELOP = 'npm ci --no-audit --no-fund'

/** Carries out COPY, WORKDIR, ENV and RUN of the stages that a target needs, in folders, without a container. */
export class DockerBuild {
  readonly #stages: { name: string; base: string; instructions: Instruction[] }[] = []
  readonly #built = new Map<string, Built>()
  readonly #context: string
  readonly #ignore: string
  readonly #scratch: string

  constructor(context: string, scratch: string) {
    this.#context = context
    this.#scratch = scratch
    this.#ignore = readFileSync(join(context, '.dockerignore'), 'utf8')
    for (const instruction of parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
      if (instruction.name === 'FROM') {
        const [base, , name] = instruction.words
        this.#stages.push({ name, base, instructions: [] })
      } else this.#stages.at(-1)!.instructions.push(instruction)
    }
  }

  /** @param target name of the stage; the last one when left out */
  build(target = this.#stages.at(-1)!.name): Built {
    const done = this.#built.get(target)
    if (done) return done
    const { base, instructions } = this.#stages.find(({ name }) => name === target)!
    const isStage = this.#stages.some(({ name }) => name === base)
    const built = isStage ? this.build(base) : this.#empty(target)
    this.#built.set(target, built)
    for (const instruction of instructions) this.#carryOut(instruction, built)
    return built
  }

  #empty(stage: string): Built {
    const root = join(this.#scratch, stage)
    mkdirSync(root, { recursive: true })
    return { root, workdir: '/', env: {}, last: {}, system: [] }
  }

  #carryOut(instruction: Instruction, built: Built): void {
    const { name, text, words } = instruction
    built.last[name] = instruction
    if (name === 'WORKDIR') {
      built.workdir = text
      mkdirSync(join(built.root, text), { recursive: true })
    } else if (name === 'ENV') {
      for (const word of words) built.env[word.split('=')[0]] = word.split('=')[1]
    } else if (name === 'COPY') this.#copy(instruction, built)
    else if (name === 'RUN' && SYSTEM.test(text)) built.system.push(text)
    else if (name === 'RUN' && text === DEVELOP) {
      symlinkSync(join(this.#context, 'node_modules'), join(built.root, built.workdir, 'node_modules'))
    } else if (name === 'RUN') this.#run(text, built)
  }

  #copy({ flags, words }: Instruction, { root, workdir }: Built): void {
    const [to, ...sources] = [...words].reverse()
    const target = to.startsWith('/') ? join(root, to) : join(root, workdir, to)
    for (const source of sources) {
      const from = flags.from ? join(this.build(flags.from).root, source) : join(this.#context, source)
      const filter = (path: string) => flags.from !== undefined || this.#isWanted(path)
      const isFolder = lstatSync(from).isDirectory()
      const place = !isFolder && (to.endsWith('/') || sources.length > 1) ? join(target, basename(source)) : target
      cpSync(from, place, { recursive: true, filter, verbatimSymlinks: true })
      if (readdirSync(join(place, '..')).length === 0) throw new Error(`COPY ${source}: .dockerignore leaves it out`)
      if (flags.chmod) chmodSync(place, Number.parseInt(flags.chmod, 8))
    }
  }

  #isWanted(path: string): boolean {
    return isInContext(path.slice(this.#context.length).replace(/^\//, ''), this.#ignore)
  }

  #run(command: string, { root, workdir, env }: Built): void {
    // What `npm ci` of the checkout has fetched is not fetched again.
    const { PATH, HOME } = process.env
    const variables = { PATH, HOME, npm_config_prefer_offline: 'true', ...env }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      cwd: join(root, workdir),
      env: variables,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`RUN ${command}: ${stdout}${stderr}`)
  }
}
