import { moduleUrl as siblingUrl } from '../../src/worker-url.ts'

export { workerFlags } from '../../src/worker-url.ts'

const SOURCES = new URL('../../src/', import.meta.url).href
const COMPILED = new URL('../../dist-test/', import.meta.url).href

/** A thread that loads a scorer may be given one of the tests, in TypeScript. */
const LOADS_TESTS = /scorer/

/**
 * Stands for src/worker-url.ts in tests: threads run what test/helpers/build.ts has compiled. From the sources each takes 0.25 s more to
 * start, and tests start hundreds.
 */
export function moduleUrl(path: string, base: string): URL {
  const { href } = siblingUrl(path, base)
  if (!href.startsWith(SOURCES) || LOADS_TESTS.test(path)) return new URL(href)
  return new URL(href.replace(SOURCES, COMPILED).replace(/\.ts$/, '.js'))
}
