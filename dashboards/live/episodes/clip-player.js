import { button, element, setText } from '../app/dom.js'
import { count } from '../app/format.js'
import { readWav, writeWav } from './wav.js'
import { Waveform } from './waveform.js'

/** What is quieter than this at its loudest can be made louder. */
const QUIET = 0.35
const LOUD = 0.9
const MOST_GAIN = 100

/** The clip of an episode: sound to play, with its wave; frames to download. */
export class ClipPlayer {
  constructor(app) {
    this.app = app
    this.audio = element('audio', { loop: true })
    this.wave = new Waveform(fraction => this.seek(fraction))
    this.play = button('Play', () => this.toggle(), { class: 'primary clip-play' })
    this.place = element('span', { class: 'clip-place' })
    this.loop = element('input', { type: 'checkbox', checked: true, onchange: () => this.setLoop() })
    this.louder = element('input', { type: 'checkbox', onchange: () => this.load() })
    this.louderText = element('span')
    this.louderLabel = element('label', { hidden: true }, this.louder, this.louderText)
    this.download = element('a', { download: '' }, 'Download')
    this.about = element('p', { class: 'muted clip-about' })
    this.sound = element('div', { class: 'clip-sound' }, this.wave.node)
    this.controls = element(
      'div',
      { class: 'clip-controls' },
      this.play,
      this.place,
      element('label', {}, this.loop, 'again and again'),
      this.louderLabel,
      this.download,
    )
    this.problem = element('p', { class: 'missing', hidden: true })
    this.node = element('div', { class: 'clip' }, this.sound, this.controls, this.about, this.problem, this.audio)
    for (const type of ['play', 'pause', 'ended']) this.audio.addEventListener(type, () => this.showState())
    this.audio.addEventListener('seeked', () => this.showPlace())
    this.audio.addEventListener('loadedmetadata', () => this.showPlace())
  }

  /**
   * Fetches the clip of an episode, unless it has it already.
   * @param {string} id of the episode @param {object} info `clip` of its evidence @throws what the daemon says
   */
  async show(id, info) {
    const url = this.app.api.url(`v1/episodes/${encodeURIComponent(id)}/clip`)
    this.download.href = url
    const key = `${id} ${info.file}`
    if (key === this.key) return
    this.key = key
    this.stop()
    const isSound = info.type === 'audio/wav'
    this.sound.hidden = !isSound
    for (const each of [this.play, this.place, this.loop.parentElement]) each.hidden = !isSound
    this.louderLabel.hidden = true
    this.problem.hidden = true
    this.controls.hidden = false
    setText(this.about, aboutText(info))
    if (isSound) await this.fetchSound(url, key, info)
  }

  async fetchSound(url, key, info) {
    try {
      const response = await fetch(url)
      if (!response.ok) throw new Error(await reasonOf(response))
      const wav = readWav(await response.arrayBuffer())
      if (key !== this.key) return
      this.wav = wav
      this.peak = wav.samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
      this.gain = Math.min(MOST_GAIN, LOUD / this.peak)
      this.louder.checked = false
      this.louderLabel.hidden = this.peak === 0 || this.peak > QUIET
      setText(this.louderText, `louder (${Math.round(this.gain)}×)`)
      this.wave.show(wav.samples, info)
      this.load()
    } catch (error) {
      if (key === this.key) this.fail(error)
    }
  }

  fail({ message }) {
    this.key = undefined
    this.sound.hidden = true
    this.controls.hidden = true
    setText(this.about, '')
    setText(this.problem, `The clip cannot be had: ${message}.`)
    this.problem.hidden = false
  }

  /** Gives the sound to the player, as loud as was asked for. */
  load() {
    const { samples, sampleRate } = this.wav
    const at = this.audio.currentTime
    const wasPlaying = !this.audio.paused
    URL.revokeObjectURL(this.audio.src)
    this.audio.src = URL.createObjectURL(writeWav(samples, sampleRate, this.louder.checked ? this.gain : 1))
    this.audio.currentTime = at
    if (wasPlaying) void this.audio.play()
  }

  setLoop() {
    this.audio.loop = this.loop.checked
  }

  toggle() {
    if (this.play.hidden || !this.wav) return
    if (this.audio.paused)
      this.audio.play().catch(error => this.app.toast(`It cannot be played: ${error.message}`, 'bad'))
    else this.audio.pause()
  }

  seek(fraction) {
    if (Number.isFinite(this.audio.duration)) this.audio.currentTime = fraction * this.audio.duration
    this.showPlace()
  }

  showState() {
    const isPlaying = !this.audio.paused && !this.audio.ended
    setText(this.play, isPlaying ? 'Stop' : 'Play')
    cancelAnimationFrame(this.frame)
    const follow = () => {
      this.showPlace()
      if (!this.audio.paused) this.frame = requestAnimationFrame(follow)
    }
    follow()
  }

  showPlace() {
    const { currentTime, duration } = this.audio
    if (!Number.isFinite(duration)) return
    const text = `${currentTime.toFixed(1)} of ${duration.toFixed(1)} s`
    setText(this.place, text)
    this.wave.move(duration > 0 ? currentTime / duration : 0, text)
  }

  stop() {
    this.audio.pause()
    this.wav = undefined
    if (this.audio.src) URL.revokeObjectURL(this.audio.src)
    this.audio.removeAttribute('src')
  }

  /** Lets go of the sound. */
  close() {
    this.stop()
    this.key = undefined
  }
}

function aboutText(info) {
  if (info.type !== 'audio/wav') {
    const size = info.shape.join(' × ')
    return `${count(info.frames)} frames of ${size}; the worst is number ${info.peak}, counted from 0. numpy.load reads the file.`
  }
  const { samples, sample_rate: rate, peak, gaps } = info
  const text = `${(samples / rate).toFixed(1)} s at ${number0(rate / 1000)} kHz. Shaded: the worst window, ${(peak.samples / rate).toFixed(1)} s.`
  return gaps.length > 0 ? `${text} Hatched: nothing came.` : text
}

const number0 = value => String(Number(value.toPrecision(4)))

async function reasonOf(response) {
  try {
    return (await response.json()).error
  } catch {
    return `the daemon answered ${response.status}`
  }
}
