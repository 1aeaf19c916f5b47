const FIRST_MS = 500
const LONGEST_MS = 15_000

/** The stream, connected again whenever it breaks: after half a second, then twice as long each time, up to 15 s, with jitter. */
export class Connection {
  /**
   * @param {string} url of `/v1/stream`
   * @param {{ onMessage(message: object): void, onState(state: 'connecting'|'live'|'waiting', retryAt?: number): void }} handlers
   */
  constructor(url, handlers) {
    this.url = url
    this.handlers = handlers
    this.delay = FIRST_MS
  }

  open() {
    clearTimeout(this.timer)
    this.timer = undefined
    this.handlers.onState('connecting')
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.addEventListener('message', event => {
      const message = JSON.parse(event.data)
      if (message.type === 'hello') {
        this.delay = FIRST_MS
        this.handlers.onState('live')
      }
      this.handlers.onMessage(message)
    })
    socket.addEventListener('close', () => {
      if (this.socket === socket) this.wait()
    })
  }

  /** Connects at once if it is waiting to. */
  retry() {
    if (this.timer === undefined) return
    this.delay = FIRST_MS
    this.open()
  }

  wait() {
    const delay = this.delay * (0.75 + 0.5 * Math.random())
    this.delay = Math.min(LONGEST_MS, this.delay * 2)
    this.handlers.onState('waiting', Date.now() + delay)
    this.timer = setTimeout(() => this.open(), delay)
  }
}
