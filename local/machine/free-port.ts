import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what systems give to outgoing connections, so that nobody takes a port while its broker restarts. */
const LOWEST_PORT = 15_000
const HIGHEST_PORT = 29_999

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
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}
