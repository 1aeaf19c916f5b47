import { button, element, setText } from '../app/dom.js'
import { duration, moment, number, times } from '../app/format.js'
import { AlikeView } from './alike-view.js'
import { DecisionBar, isTyping } from './decisions.js'
import { EvidenceView } from './evidence-view.js'
import { Labels } from './labels.js'
import { notesOf, storyOf } from './story.js'
import { headOf, isStale, lasted, plural, stateText } from './words.js'

const TICK_MS = 1000

/** `#/episode/<id>`: what happened, why, what it is like, and what to do about it. Goes on while the episode is open. */
export class EpisodePage {
  constructor(app) {
    this.app = app
    this.labels = Labels.of(app)
    this.evidence = new EvidenceView(app)
    this.alike = new AlikeView(app)
    this.decisions = new DecisionBar(app, episode => this.take(episode))
    this.pill = element('span', { class: 'pill' })
    this.title = element('h2', {})
    this.story = element('div', { class: 'story' })
    this.notes = element('div', { class: 'notes' })
    this.facts = element('dl', { class: 'facts' })
    this.problem = element('div', { class: 'missing panel', hidden: true, role: 'alert' })
    this.body = element(
      'div',
      { class: 'episode-body', hidden: true },
      element('div', { class: 'episode-title' }, this.pill, this.title),
      element('div', { class: 'panel episode-summary' }, this.story, this.notes, this.facts, this.decisions.node),
      this.evidence.node,
      this.alike.node,
    )
    this.node = element(
      'article',
      { class: 'page episode-page' },
      element('p', { class: 'crumbs' }, element('a', { href: '#/episodes' }, '← Episodes')),
      this.problem,
      this.body,
    )
    this.onKey = event => this.press(event)
  }

  open({ id }) {
    this.close()
    this.id = id
    this.episode = undefined
    this.evidence.begin(id)
    const { state } = this.app
    const tick = setInterval(() => this.episode?.state === 'open' && this.draw(), TICK_MS)
    document.addEventListener('keydown', this.onKey)
    this.ends = [
      state.on('hello', () => void this.fetch()),
      state.on('episode', ({ type, episode }) => episode.id === this.id && this.take(episode, type)),
      this.labels.on(() => this.draw()),
      () => clearInterval(tick),
      () => document.removeEventListener('keydown', this.onKey),
    ]
    void this.fetch()
  }

  close() {
    for (const end of this.ends ?? []) end()
    this.ends = []
    this.evidence.close()
    this.alike.close()
  }

  async fetch() {
    const { id } = this
    try {
      const { answer, heard } = await this.app.state.hearing(this.app.api.get(`v1/episodes/${encodeURIComponent(id)}`))
      if (id === this.id) this.take({ seq: answer.seq, ...(heard.get(id) ?? answer) })
    } catch (error) {
      if (id === this.id && !this.episode) this.fail(error)
    }
  }

  fail(error) {
    this.body.hidden = true
    this.problem.hidden = false
    const isGone = error.status === 404
    const lines = isGone
      ? ['There is no such episode.', 'It may have been deleted: store.retention_days says how long episodes are kept.']
      : [`The episode cannot be read: ${error.message}.`, error.remedy]
    this.problem.replaceChildren(
      ...lines.filter(Boolean).map(line => element('p', {}, line)),
      isGone ? element('p', { class: 'muted' }, this.id) : button('Try again', () => void this.fetch()),
    )
  }

  /** @param type of the event that told it */
  take(episode, type) {
    const before = this.episode
    if (isStale(episode, before)) return
    this.episode = { seq: before?.seq, ...episode }
    this.problem.hidden = true
    this.body.hidden = false
    this.evidence.update(this.episode, {
      sawClose: type === 'episode.closed',
      wasWritten: type === 'episode.explained' || (before !== undefined && before.state !== episode.state),
    })
    this.alike.show(this.episode)
    this.decisions.show(this.episode)
    this.draw()
  }

  draw() {
    const { episode, labels } = this
    if (!episode) return
    const head = headOf(this.app.state, episode.source)
    const sampleRate = this.app.state.hello?.window?.sample_rate ?? undefined
    this.node.dataset.state = episode.state
    setText(this.pill, stateText(episode))
    setText(this.title, `${episode.source}, ${moment(episode.opened_at)}`)
    replace(this.story, storyOf(episode, { head, sampleRate, labels }))
    replace(this.notes, notesOf(episode))
    this.drawFacts(episode, head)
  }

  drawFacts(episode, head) {
    const { peak_score: peak, mean_score: mean, threshold, windows } = episode
    const facts = [
      ['Lasted', duration(lasted(episode, head))],
      ['Peak', times(peak / threshold), `score ${number(peak)}`],
      ['Mean', times(mean / threshold), `score ${number(mean)}`],
      ['Above the threshold', plural(windows, 'window')],
    ]
    replace(
      this.facts,
      facts.map(([name, value, title = '']) =>
        element('div', { title }, element('dt', {}, name), element('dd', {}, value)),
      ),
    )
  }

  press(event) {
    if (this.decisions.press(event)) return
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)
    if (isPlain && event.key.toLowerCase() === 'p') this.evidence.clip.toggle()
  }
}

/** Puts nodes in the place of others that say something else: what is the same stays, with what is selected in it. */
function replace(parent, nodes) {
  const html = node => node.outerHTML
  const isSame =
    parent.children.length === nodes.length && nodes.every((node, i) => html(node) === html(parent.children[i]))
  if (!isSame) parent.replaceChildren(...nodes)
}
