import { createServer, type RequestListener, type Server } from 'node:http'

export interface Listening {
  readonly port: number
  /** Takes no new connection and waits for the answers under way. */
  drain(): Promise<void>
  /** Ends every connection. */
  close(): Promise<void>
}

// Beyond these, any free port will do.
const NEIGHBOURS = 20

/**
 * Listens on 127.0.0.1, at `port` or, where that is taken, at the next free one. 0 is any.
 * Requests whose Host is not loopback are refused, so that no web page can reach this by a name of its own.
 */
export async function listen(port: number, handle: RequestListener): Promise<Listening> {
  for (let offset = 0; offset < NEIGHBOURS; offset += 1) {
    const wanted = port === 0 ? 0 : port + offset
    const server = await tryListen(wanted, handle)
    if (server) return listening(server)
  }
  const server = await tryListen(0, handle)
  if (!server) throw new Error('no port is free on 127.0.0.1')
  return listening(server)
}

function tryListen(port: number, handle: RequestListener): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      if (isLoopback(request.headers.host)) {
        handle(request, response)
        return
      }
      response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' })
      response.end('This answers on 127.0.0.1 and localhost only.\n')
    })
    // An upload over a slow link may take longer than node's five minutes.
    server.requestTimeout = 0
    // Node's five seconds are shorter than clients keep a connection: one that is taken up again just then is reset.
    server.keepAliveTimeout = 75_000
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function isLoopback(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
  return name === '127.0.0.1' || name === '[::1]' || name === 'localhost' || name.endsWith('.localhost')
}

function listening(server: Server): Listening {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  let ended: Promise<void> | undefined
  const end = (): Promise<void> => {
    ended ??= new Promise((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    return ended
  }
  return {
    port: address.port,
    drain: end,
    close() {
      const done = end()
      server.closeAllConnections()
      return done
    },
  }
}
