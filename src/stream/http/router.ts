import { type Handler, Refused } from './answer.ts'

/** By method and path: `GET /v1/episodes/{id}`. A parameter is one segment of the path, not empty, percent-encoded. */
export type Routes = Readonly<Record<string, Handler>>

interface Target {
  readonly handler: Handler
  readonly names: readonly string[]
}

interface Node {
  readonly literals: Map<string, Node>
  parameter?: Node
  readonly targets: Map<string, Target>
}

/** What a path leads to. */
export interface Place {
  readonly targets: ReadonlyMap<string, Target>
  /** Parameters as they were sent. */
  readonly values: readonly string[]
}

const newNode = (): Node => ({ literals: new Map(), targets: new Map() })

/** Finds routes by path, literal segments before parameters. */
export class Router {
  readonly #root = newNode()

  constructor(routes: Routes) {
    for (const [route, handler] of Object.entries(routes)) this.#add(route, handler)
  }

  find(path: string): Place | undefined {
    return walk(this.#root, path.split('/').slice(1), [])
  }

  #add(route: string, handler: Handler): void {
    const [method, path] = route.split(' ', 2)
    const names: string[] = []
    let node = this.#root
    for (const segment of path.split('/').slice(1)) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1]
      if (name) {
        names.push(name)
        node.parameter ??= newNode()
        node = node.parameter
      } else {
        const next = node.literals.get(segment) ?? newNode()
        node.literals.set(segment, next)
        node = next
      }
    }
    node.targets.set(method, { handler, names })
  }
}

function walk(node: Node, segments: readonly string[], values: readonly string[]): Place | undefined {
  if (segments.length === 0) return node.targets.size > 0 ? { targets: node.targets, values } : undefined
  const [segment, ...rest] = segments
  const literal = node.literals.get(segment)
  const found = literal && walk(literal, rest, values)
  if (found || !node.parameter || segment === '') return found
  return walk(node.parameter, rest, [...values, segment])
}

/** Value of the header `allow`. HEAD goes with GET. */
export function allowOf({ targets }: Place): string {
  return [...targets.keys()].flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
}

/** @throws Refused (400) when one is not percent-encoded UTF-8 */
export function decodeParams(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, decode(name, values[index])]))
}

function decode(name: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    const remedy = 'Encode it as encodeURIComponent does: / as %2F.'
    throw new Refused(400, 'AUSCULT_USAGE', 'not percent-encoded UTF-8', { at: `path.${name}`, remedy })
  }
}
