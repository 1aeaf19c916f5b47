/** Pages whose scroll position is remembered. */
const MOST_PLACES = 50

/**
 * Pages by the first part of the hash: `#/source/pump%201?span=60` opens page `source` with `{ id: 'pump 1', query }`. Modules are loaded
 * when they are first needed, and pages are made once and kept.
 */
export class Router {
  /**
   * @param app what pages are made with
   * @param main where their nodes go
   * @param pages `{ name: { module: () => Promise<module>, page: class name, title, tab } }`; the one named '' is at `#/`
   * @param onOpen called with the name and the page's description
   */
  constructor(app, main, pages, onOpen) {
    this.app = app
    this.main = main
    this.pages = pages
    this.onOpen = onOpen
    this.made = new Map()
    this.places = new Map()
    /** Whether a page could not be loaded; browsers remember that, so that all must be loaded anew. */
    this.isBroken = false
    addEventListener('hashchange', () => this.follow())
  }

  go(hash) {
    if (location.hash === hash) this.follow()
    else location.hash = hash
  }

  /** Opens what the address says. */
  async follow() {
    const hash = location.hash
    const { name, id, query } = parse(hash)
    const known = Object.hasOwn(this.pages, name)
    const description = known ? this.pages[name] : undefined
    const page = description ? await this.make(name, description) : notice('There is no such page.')
    if (location.hash !== hash) return
    this.leave()
    this.open = page
    this.hash = hash
    this.main.replaceChildren(page.node)
    this.onOpen(known ? name : undefined, description, id)
    page.open({ id, query })
    scrollTo(0, this.places.get(hash) ?? 0)
  }

  leave() {
    if (!this.open) return
    this.places.delete(this.hash)
    this.places.set(this.hash, scrollY)
    if (this.places.size > MOST_PLACES) this.places.delete(this.places.keys().next().value)
    this.open.close()
    // Who came by keyboard goes on at the top of the new page.
    this.main.focus({ preventScroll: true })
  }

  async make(name, { module, page }) {
    const before = this.made.get(name)
    if (before) return before
    try {
      const made = new (await module())[page](this.app)
      this.made.set(name, made)
      return made
    } catch (error) {
      console.warn(error)
      this.isBroken = true
      return notice('This page could not be loaded. It is tried again when the daemon is back.')
    }
  }

  /** Loads the pages that were not opened yet, so that they are there when the daemon is not. */
  preload() {
    for (const { module } of Object.values(this.pages)) module().catch(() => {})
  }
}

/** `#/episode/a%2Fb?x=1` → `{ name: 'episode', id: 'a/b', query }`. */
export function parse(hash) {
  const [path, search = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  const [name, ...rest] = path.split('/')
  let id = rest.join('/')
  try {
    id = decodeURIComponent(id)
  } catch {
    // Taken as it is.
  }
  return { name, id, query: new URLSearchParams(search) }
}

function notice(text) {
  const node = document.createElement('p')
  node.className = 'empty'
  node.textContent = text
  return { node, open() {}, close() {} }
}
