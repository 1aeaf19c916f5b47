import { element, setText } from '../app/dom.js'
import { EpisodeList } from './episode-list.js'
import { MuteList } from './mute-list.js'
import { plural } from './words.js'

/** `#/episodes?show=open,new`: what happened lately, and what is muted. */
export class EpisodesPage {
  constructor(app) {
    this.app = app
    this.list = new EpisodeList(app, { size: 50 })
    this.mutes = new MuteList(app)
    this.count = element('p', { class: 'muted' })
    this.list.onDraw = shown => {
      const open = shown.filter(each => each.state === 'open').length
      setText(this.count, open > 0 ? `${plural(open, 'is', 'are')} open` : '')
    }
    this.list.onChoose = chosen => {
      const query = chosen.length > 0 ? `?show=${chosen.join(',')}` : ''
      window.history.replaceState(null, '', `#/episodes${query}`)
    }
    this.node = element(
      'section',
      { class: 'page', 'aria-labelledby': 'episodes-title' },
      element(
        'div',
        { class: 'bar' },
        element('div', { class: 'title' }, element('h2', { id: 'episodes-title' }, 'Episodes'), this.count),
        element('a', { href: '#/history' }, 'Search and export'),
      ),
      this.list.node,
      this.mutes.node,
    )
  }

  open({ query }) {
    this.list.choose((query?.get('show') ?? '').split(',').filter(Boolean))
    this.list.open()
    this.mutes.open()
  }

  close() {
    this.list.close()
    this.mutes.close()
  }
}
