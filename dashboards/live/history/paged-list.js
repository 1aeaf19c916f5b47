import { element, setText } from '../app/dom.js'
import { Pager } from './pager.js'

const SIZE = 50

/**
 * One page of a list at a time, so that thousands of entries take no more room than fifty.
 *
 *     new PagedList(app, { empty, rowOf: (entry) => node, onPage: before => … })
 */
export class PagedList {
  /**
   * @param group puts entries together that are shown as one
   * @param onPage is given the number (`seq`) before which the page to go to begins; undefined: the newest
   */
  constructor(app, { empty, rowOf, onPage, group = entries => entries }) {
    this.app = app
    this.empty = empty
    this.rowOf = rowOf
    this.group = group
    this.onPage = onPage
    this.list = element('ul', { class: 'paged', onkeydown: stepRows })
    this.note = element('p', { class: 'empty', hidden: true })
    this.pager = new Pager({
      newest: () => onPage(undefined),
      newer: () => void this.goNewer(),
      older: () => onPage(this.next),
    })
    this.node = element(
      'div',
      {},
      element('div', { class: 'panel paged-panel' }, this.list, this.note),
      this.pager.node,
    )
  }

  /**
   * @param {string} path of the API @param {string} key of its answer @param {object} query
   * @param {string | undefined} before @returns whether it came, and is still what is wanted
   */
  async load(path, key, query, before) {
    const asked = { path, key, query }
    this.asked = asked
    this.node.setAttribute('aria-busy', 'true')
    try {
      const answer = await this.app.api.get(path, { limit: SIZE, ...query, before })
      if (asked !== this.asked) return false
      this.entries = answer[key]
      this.next = answer.next ?? undefined
      this.pager.show({ isFirst: before === undefined, isLast: this.next === undefined })
      this.draw()
      return true
    } catch (error) {
      if (asked !== this.asked) return false
      this.entries = []
      this.list.replaceChildren()
      this.pager.show({ isFirst: before === undefined, isLast: true })
      this.say(`This cannot be read: ${error.message}${error.remedy ? ` ${error.remedy}` : ''}`)
      return true
    } finally {
      if (asked === this.asked) this.node.removeAttribute('aria-busy')
    }
  }

  draw() {
    this.list.replaceChildren(...this.group(this.entries).map(entry => this.rowOf(entry)))
    if (this.entries.length === 0) this.say(this.empty)
    else this.note.hidden = true
  }

  say(text) {
    this.note.hidden = false
    setText(this.note, text)
  }

  /** The page before this one, which ends where this one begins. */
  async goNewer() {
    const { path, key, query } = this.asked
    const first = this.entries[0]?.seq
    if (first === undefined) return this.onPage(undefined)
    try {
      const answer = await this.app.api.get(path, { limit: SIZE, ...query, after: first })
      const last = answer[key].at(-1)?.seq
      this.onPage(answer.next === null || last === undefined ? undefined : last + 1)
    } catch (error) {
      this.app.toast(error, 'bad')
    }
  }
}

/** Arrow keys go from row to row. */
export function stepRows(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return
  const links = [...event.currentTarget.querySelectorAll(':scope > li')]
    .map(row => row.querySelector('a'))
    .filter(Boolean)
  const to = links[links.indexOf(document.activeElement) + by]
  if (!to || !links.includes(document.activeElement)) return
  event.preventDefault()
  to.focus()
}
