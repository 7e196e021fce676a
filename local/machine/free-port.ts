import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what systems give to outgoing connections, so that nobody takes a port while its broker restarts. */
const LOWEST_PORT = 15_000
const HIGHEST_PORT = 29_999

/** Every process takes ports of its own, so that no two of them choose the same one before either listens on it. */
const SHARES = 50
const share = process.pid % SHARES
const PORTS_EACH = Math.floor((HIGHEST_PORT + 1 - LOWEST_PORT) / SHARES)

const given = new Set<number>()

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A port of 127.0.0.1 that nobody listens on, and that this process has not been given before. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = LOWEST_PORT + share + SHARES * randomInt(PORTS_EACH)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}
