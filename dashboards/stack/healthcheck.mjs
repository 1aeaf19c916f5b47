// Exit code 0 while the daemon of this container answers. A source that is down is no reason to replace the container: /readyz tells of it.
const port = process.env.AUSCULT_HTTP_PORT ?? 8080
const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)
