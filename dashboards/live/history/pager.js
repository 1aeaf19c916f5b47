import { button, element } from '../app/dom.js'

/** Steps through a list that the daemon gives page by page, the latest first. */
export class Pager {
  /** @param {{ newer(): void, older(): void, newest(): void }} on */
  constructor({ newer, older, newest }) {
    this.newest = button('Newest', newest)
    this.newer = button('← Newer', newer)
    this.older = button('Older →', older)
    this.node = element(
      'nav',
      { class: 'pager', 'aria-label': 'Pages of the list' },
      this.newest,
      this.newer,
      this.older,
    )
  }

  show({ isFirst, isLast }) {
    this.node.hidden = isFirst && isLast
    this.newest.disabled = isFirst
    this.newer.disabled = isFirst
    this.older.disabled = isLast
  }
}
