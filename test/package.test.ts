import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { PROJECT } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const { folder } = temporaryFolder()
const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

describe('npm run package', () => {
  it('does not count on a script that npm skips here (ignore-scripts)', () => {
    const skipped = ['prepack', 'prepare', 'prepublishOnly', 'install', 'postinstall', 'prebuild', 'prestart']
    expect(Object.keys(manifest.scripts).filter(name => skipped.includes(name))).toEqual([])
    expect(manifest.scripts.package).toMatch(/npm run build && npm pack$/)
  })
})

/** What `npm run package` makes, from a fresh build in a folder of its own. */
describe('the tarball', () => {
  const staged = join(folder, 'staged')
  let files: string[]

  beforeAll(() => {
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dashboards', 'docs', 'test']) {
      cpSync(join(PROJECT, name), join(staged, name), { recursive: true })
    }
    const output = ['--outDir', join(staged, 'dist'), '--tsBuildInfoFile', join(staged, 'dist/.tsbuildinfo')]
    run('npx', ['tsc', '-p', 'tsconfig.build.json', ...output], PROJECT)
    const [{ filename }] = JSON.parse(run('npm', ['pack', '--json'], staged))
    run('tar', ['-xzf', filename], staged)
    files = run('tar', ['-tzf', filename], staged).trim().split('\n')
    symlinkSync(join(PROJECT, 'node_modules'), join(staged, 'package/node_modules'))
  })

  it('holds the program, its page and its documentation, and nothing else', () => {
    const wanted = ['README.md', 'LICENSE', 'dist/cli.js', 'dist/index.d.ts', 'dist/stream/scorer-worker.js']
    const pages = ['dashboards/live/index.html', 'docs/train.md', 'docs/live.png', 'CHANGELOG.md', 'package.json']
    expect(files).toEqual(expect.arrayContaining([...wanted, ...pages].map(name => `package/${name}`)))
    const roots = ['dist', 'dashboards', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']
    expect(files.filter(file => !roots.includes(file.split('/')[1]) || file.includes('.tsbuildinfo'))).toEqual([])
  })

  it('runs', () => {
    const root = join(staged, 'package')
    expect(run(process.execPath, [manifest.bin.auscult, '--version'], root)).toBe(`${manifest.version}\n`)
    const entry = pathToFileURL(join(root, manifest.main)).href
    const code = `import('${entry}').then(each => console.log(typeof each.createDaemon, typeof each.runTraining))`
    expect(run(process.execPath, ['-e', code], folder)).toBe('function function\n')
  })
})
