import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: of a kind that is known only to its schema
  readonly [field: string]: any
}

/**
 * Checks a manifest by the schema of Kubernetes.
 * @returns what is wrong, and the fields that the schema does not know
 * @throws an Error for a kind that has no schema
 */
export function checkManifest(manifest: Manifest): string[] {
  const group = manifest.apiVersion === 'v1' ? 'v1' : manifest.apiVersion
  const Model = require(`kubernetes-models/${group}`)[manifest.kind]
  const asked = new Asked()
  const model = new Model(manifest)
  try {
    // Validators are handed what they are to check; those of kubernetes-models pass fields that they do not know.
    Object.getPrototypeOf(model).validate.call(asked.watch(model, ''))
  } catch (error) {
    return [(error as Error).message]
  }
  return asked.unasked(manifest, '').map(path => `unknown field ${path}`)
}

/** Notes which fields of an object are looked at. */
class Asked {
  readonly #paths = new Set<string>()

  watch<T extends object>(target: T, path: string): T {
    return new Proxy(target, {
      get: (object, key) => {
        const value = Reflect.get(object, key)
        if (typeof key === 'symbol' || !Object.hasOwn(object, key)) return value
        const place = `${path}.${key}`
        this.#paths.add(place)
        return typeof value === 'object' && value !== null ? this.watch(value, place) : value
      },
    })
  }

  /** Fields that are there, and that nobody has looked at. */
  unasked(value: unknown, path: string): string[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, inner]) => {
      const place = `${path}.${key}`
      return this.#paths.has(place) ? this.unasked(inner, place) : [place]
    })
  }
}
