import { button, element, setText } from '../app/dom.js'
import { number } from '../app/format.js'
import { choice, decide } from './form-dialog.js'
import { Labels } from './labels.js'
import { endMute } from './mute-list.js'
import { nameCluster } from './name-cluster.js'
import { plural, untilText } from './words.js'

const HOUR = 3600
const SPANS = [
  [String(HOUR), '1 hour'],
  [String(8 * HOUR), '8 hours'],
  ['null', 'until ended'],
]
const LONG_SPANS = [
  [String(8 * HOUR), '8 hours'],
  [String(24 * HOUR), '1 day'],
  [String(7 * 24 * HOUR), '1 week'],
  ['null', 'until ended'],
]
const secondsOf = text => (text === 'null' ? null : Number(text))

/** What can be decided about an episode, by button and by key. */
export class DecisionBar {
  /** @param {(episode: object) => void} onChange with the episode as the daemon answered it */
  constructor(app, onChange) {
    this.app = app
    this.onChange = onChange
    this.labels = Labels.of(app)
    this.actions = [
      { key: 'a', name: 'acknowledge', text: 'Acknowledge', run: () => this.acknowledge(), primary: true },
      { key: 'l', name: 'label', text: 'Name what it is', run: () => this.label() },
      { key: 'f', name: 'false-alarm', text: 'False alarm', run: () => this.falseAlarm() },
      { key: 'm', name: 'mute', text: 'Mute', run: () => this.mute() },
      { key: 'u', name: 'unmute', text: 'End the mute', run: () => this.unmute() },
    ]
    for (const action of this.actions) {
      const { key, name, text, run, primary } = action
      action.label = element('span', {}, text)
      action.node = button('', run, {
        'data-action': name,
        class: primary ? 'primary' : false,
        'aria-keyshortcuts': key,
      })
      action.node.append(action.label, element('kbd', { 'aria-hidden': 'true' }, key.toUpperCase()))
    }
    this.node = element(
      'div',
      { class: 'decisions', role: 'group', 'aria-label': 'Decisions' },
      this.actions.map(each => each.node),
    )
  }

  /** Takes how the episode is now. */
  show(episode) {
    this.episode = episode
    const of = name => this.actions.find(each => each.name === name)
    const { acknowledged, cluster, muted } = episode
    setText(of('acknowledge').label, acknowledged ? 'Acknowledge again' : 'Acknowledge')
    of('acknowledge').node.classList.toggle('primary', !acknowledged)
    for (const name of ['label', 'false-alarm']) {
      of(name).node.disabled = !cluster
      of(name).node.title = cluster ? '' : 'It is not known what it is like: it belongs to no cluster.'
    }
    setText(of('label').label, cluster && this.labels.label(cluster) ? 'Rename what it is' : 'Name what it is')
    of('unmute').node.hidden = !muted
  }

  /** A key was pressed on the page. @returns whether it was one of these */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false
    const action = this.actions.find(({ key }) => key === event.key.toLowerCase())
    if (!action || action.node.disabled || action.node.hidden || !this.episode) return false
    event.preventDefault()
    void action.run()
    return true
  }

  path(what) {
    return `v1/episodes/${encodeURIComponent(this.episode.id)}/${what}`
  }

  async acknowledge() {
    const episode = await decide(this.app, {
      title: 'Acknowledge',
      intro: ['Say that somebody has seen this episode. It is written down, and nothing else changes.'],
      submit: 'Acknowledge',
      decide: fields => this.app.api.post(this.path('acknowledge'), fields),
    })
    if (!episode) return
    this.app.toast('Acknowledged', 'good')
    this.onChange(episode)
  }

  async label() {
    if (await nameCluster(this.app, this.episode.cluster)) this.onChange(this.episode)
  }

  async falseAlarm() {
    const { cluster, source } = this.episode
    const name = this.labels.name(cluster)
    const others = cluster.episodes - 1
    const span = choice('For how long', 'span', LONG_SPANS, String(24 * HOUR))
    const only = element('input', { type: 'checkbox', name: 'source_only' })
    const isOut = cluster.distance > cluster.radius
    const answer = await decide(this.app, {
      title: 'False alarm',
      intro: [
        element(
          'p',
          {},
          'From now on what is like this alerts nobody: episodes of ',
          element('b', {}, name),
          ` as long as their most typical window lies within its radius, ${number(cluster.radius)} (this one: ${number(cluster.distance)}${isOut ? ', which is outside: only this one is muted of those as far out' : ''}). They are kept and listed all the same.`,
        ),
        others > 0 &&
          element(
            'p',
            { class: 'warning' },
            `${plural(others, 'other episode')} of it so far. `,
            element(
              'a',
              { href: `#/history?cluster=${cluster.id}`, target: '_blank' },
              'Look whether they are all alike',
            ),
            ' before you mute them all.',
          ),
      ].filter(Boolean),
      fields: [span.node, element('label', { class: 'check' }, only, `only in ${source}`)],
      submit: 'It was none',
      decide: fields =>
        this.app.api.post(this.path('false-alarm'), {
          ...fields,
          seconds: secondsOf(span.value()),
          source_only: only.checked,
        }),
    })
    if (!answer) return
    this.app.toast(`False alarm: what is like ${name} is muted ${untilText(answer.mute)}`, 'good')
    this.onChange(answer.episode)
  }

  async mute() {
    const { cluster, source } = this.episode
    const name = cluster && this.labels.name(cluster)
    const targets = [
      ['source', `everything of ${source}`],
      ...(cluster ? [['cluster', `${name}, in all sources`]] : []),
    ]
    const target = choice('What', 'target', targets, 'source')
    const span = choice('For how long', 'span', SPANS, String(HOUR))
    const mute = await decide(this.app, {
      title: 'Mute',
      intro: ['Muted episodes are kept and listed, but alert nobody. What is open now is muted at once.'],
      fields: [target.node, span.node],
      submit: 'Mute',
      decide: fields => {
        const what = target.value() === 'source' ? { source } : { cluster: cluster.id }
        return this.app.api.post('v1/mutes', { ...fields, ...what, seconds: secondsOf(span.value()) })
      },
    })
    if (!mute) return
    this.app.toast(`${mute.cluster === undefined ? source : name} is muted ${untilText(mute)}`, 'good')
  }

  unmute() {
    return endMute(this.app, this.episode.muted.id, this.labels)
  }
}

/** Whether keys are meant for something else. */
export const isTyping = target => Boolean(target.closest?.('input:not([type=checkbox]), select, textarea, dialog'))
