const TOKEN = 'auscult.token'
const WHO = 'auscult.who'

/** What the daemon refused, in its own words. */
export class ApiError extends Error {
  constructor(status, { error = `the daemon answered ${status}`, code, at, remedy } = {}) {
    super(error)
    this.status = status
    this.code = code
    this.at = at
    this.remedy = remedy
  }
}

/** The daemon's HTTP API. Paths are relative to the page: `api.get('v1/episodes', { limit: 10 })`. */
export class Api {
  /**
   * @param {URL} base of the page
   * @param askToken asks for the token that changes need: `(wasWrong) => Promise<string | null>`
   */
  constructor(base, askToken) {
    this.base = base
    this.askToken = askToken
  }

  /** Name under which decisions are written into the audit log; empty: the address of this machine. */
  get who() {
    return localStorage.getItem(WHO) ?? ''
  }

  set who(name) {
    if (name) localStorage.setItem(WHO, name)
    else localStorage.removeItem(WHO)
  }

  /** The address of something, for links and for sound and image elements. Values that are undefined, null or '' are left out. */
  url(path, query = {}) {
    const url = new URL(path.replace(/^\//, ''), this.base)
    for (const [name, value] of Object.entries(query)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each !== undefined && each !== null && each !== '') url.searchParams.append(name, each)
      }
    }
    return url
  }

  /** @returns the JSON. @throws ApiError with message and remedy */
  get(path, query) {
    return this.send('GET', path, { query })
  }

  post(path, body = {}) {
    return this.send('POST', path, { body: this.signed(body) })
  }

  put(path, body = {}) {
    return this.send('PUT', path, { body: this.signed(body) })
  }

  /** A deletion takes its fields in the query. */
  delete(path, query = {}) {
    return this.send('DELETE', path, { query: this.signed(query) })
  }

  signed(fields) {
    return this.who && fields.who === undefined ? { ...fields, who: this.who } : fields
  }

  async send(method, path, { query, body }) {
    const url = this.url(path, query)
    let wasWrong = false
    for (;;) {
      const response = await this.fetch(url, method, body)
      if (response.status !== 401) return read(response)
      const token = await this.askToken(wasWrong || sessionStorage.getItem(TOKEN) !== null)
      if (!token) return read(response)
      sessionStorage.setItem(TOKEN, token)
      wasWrong = true
    }
  }

  async fetch(url, method, body) {
    const headers = {}
    const token = sessionStorage.getItem(TOKEN)
    if (token && method !== 'GET') headers.authorization = `Bearer ${token}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    try {
      return await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    } catch {
      throw new ApiError(0, { error: 'the daemon cannot be reached', remedy: 'Try again when the page is connected.' })
    }
  }
}

async function read(response) {
  let json
  try {
    json = await response.json()
  } catch {
    json = undefined
  }
  // /readyz answers 503 with what is not ready.
  if (response.ok || (response.status === 503 && json?.components)) return json
  throw new ApiError(response.status, json)
}
