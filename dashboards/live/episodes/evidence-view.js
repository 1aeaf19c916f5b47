import { button, element } from '../app/dom.js'
import { ClipPlayer } from './clip-player.js'
import { contributorList } from './contributors.js'
import { LinesView } from './lines-view.js'
import { MatricesView } from './matrices-view.js'
import { ScoreAround } from './score-around.js'

/** Least milliseconds between two requests while an episode is open. */
const PAUSE_MS = 1500
/** So long after its close the files of an episode may still be on their way. */
const WRITING_MS = 15_000

const TEXTS = {
  loading: ['Loading what is kept of it…'],
  waiting: ['Not there yet: the worst window is being explained. This takes a moment.'],
  writing: ['Not there yet: it is being written.'],
  gone: [
    'Nothing is kept of this episode.',
    'Its files were deleted, or are older than evidence.keep_days, or could not be written. All else that is known of it is on this page.',
  ],
}

/** Why an episode scored so: scores, pictures, contributors and clip; or why there are none. */
export class EvidenceView {
  constructor(app) {
    this.app = app
    this.scores = new ScoreAround()
    this.matrices = new MatricesView()
    this.lines = new LinesView()
    this.clip = new ClipPlayer(app)
    this.contributors = element('div')
    this.notice = element('div', { class: 'missing panel', role: 'status' })
    this.download = element('a', { download: '' }, 'Download the numbers')
    this.parts = element(
      'div',
      { class: 'evidence', hidden: true },
      section('Score around its worst', this.scores.node),
      section(
        'What was different',
        this.matrices.node,
        this.lines.node,
        this.contributors,
        element(
          'p',
          { class: 'muted evidence-hint' },
          'The model rebuilds what it knows from training. What it cannot rebuild is the difference, and the score is made of that. ',
          this.download,
        ),
      ),
      section('The sound around the worst', this.clip.node),
    )
    this.node = element('div', {}, this.notice, this.parts)
    app.state.on('theme', () => this.matrices.draw())
  }

  /** Begins with another episode. */
  begin(id) {
    if (id === this.id) return
    this.close()
    this.id = id
    this.parts.hidden = true
    this.say('loading')
  }

  /**
   * Takes how the episode is now, and fetches what is kept where that may have changed.
   * @param {{ sawClose?: boolean, wasWritten?: boolean }} news
   */
  update(episode, { sawClose = false, wasWritten = false } = {}) {
    this.episode = episode
    if (sawClose) this.closedAt = performance.now()
    const { explanation, state } = episode
    if (!explanation && (state === 'open' || this.isWriting())) return this.hasParts() || this.say('waiting')
    const key = explanation ? `${explanation.window} ${explanation.score}` : ''
    if (key === this.key && !wasWritten) return this.evidence && this.scores.show(this.evidence, episode)
    this.key = key
    this.soon()
  }

  hasParts() {
    return !this.parts.hidden
  }

  isWriting() {
    return this.closedAt !== undefined && performance.now() - this.closedAt < WRITING_MS
  }

  soon() {
    const wait = Math.max(0, (this.askedAt ?? 0) + PAUSE_MS - performance.now())
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      void this.fetch()
    }, wait)
  }

  async fetch() {
    const { id } = this
    this.askedAt = performance.now()
    const path = `v1/episodes/${encodeURIComponent(id)}/evidence`
    try {
      const evidence = await this.app.api.get(path)
      if (id === this.id) this.show(evidence, path)
    } catch (error) {
      if (id === this.id) this.fail(error)
    }
  }

  show(evidence, path) {
    this.evidence = evidence
    this.notice.hidden = true
    this.parts.hidden = false
    this.download.href = this.app.api.url(path)
    this.download.setAttribute('download', 'evidence.json')
    const isMatrix = evidence.axes.y !== undefined && evidence.features.length > 1
    this.matrices.node.hidden = !isMatrix
    this.lines.node.hidden = isMatrix
    if (isMatrix) this.matrices.show(evidence)
    else this.lines.show(evidence)
    this.scores.show(evidence, this.episode)
    this.contributors.replaceChildren(contributorList(evidence.contributors, evidence.unit))
    void this.clip.show(this.id, evidence.clip)
  }

  fail(error) {
    // What is shown already is of a worse window than nothing.
    if (this.hasParts()) return
    if (error.status === 404) return this.say(this.episode.state === 'open' || this.isWriting() ? 'writing' : 'gone')
    const what = error.code === 'AUSCULT_STATE' ? 'What is kept of it cannot be read' : 'This could not be fetched'
    const retry = error.status === 0 || error.status >= 500 ? button('Try again', () => this.soon()) : undefined
    this.tell('failed', [`${what}: ${error.message}.`, error.remedy, error.at && `Where: ${error.at}`], retry)
  }

  say(state) {
    this.tell(state, TEXTS[state])
  }

  tell(state, lines, control) {
    this.notice.hidden = false
    this.notice.dataset.state = state
    this.notice.replaceChildren(...lines.filter(Boolean).map(line => element('p', {}, line)))
    if (control) this.notice.append(control)
  }

  close() {
    clearTimeout(this.timer)
    for (const name of ['timer', 'id', 'key', 'evidence', 'closedAt']) this[name] = undefined
    this.clip.close()
  }
}

const section = (title, ...children) =>
  element('section', { class: 'panel evidence-part' }, element('h3', {}, title), ...children)
