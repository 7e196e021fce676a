import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

interface PortRange {
  readonly lowest: number
  readonly highest: number
}

/** Below what systems give to outgoing connections, so that nobody takes a port while its broker restarts. */
const PORTS: PortRange = { lowest: 15_000, highest: 29_999 }

/** Held until this process ends, however it ends. */
const claims: Server[] = []

/** `undefined`: somebody has it. It keeps no process alive. */
const listenOn = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

/** Only who listens on the neighbour of a port may take it: the system gives that to one process, and back when it ends. */
const take = async (port: number): Promise<boolean> => {
  const claim = await listenOn(port + 1)
  if (claim === undefined) return false
  const trial = await listenOn(port)
  if (trial === undefined) {
    await close(claim)
    return false
  }
  claims.push(claim)
  await close(trial)
  return true
}

/**
 * A port of 127.0.0.1 that nobody listens on, and that this function gives to nobody else while this process lives, in
 * whatever process: a broker may start on it late, and stop and start again.
 */
export const freePort = async ({ lowest, highest }: PortRange = PORTS): Promise<number> => {
  const pairs = Math.floor((highest + 1 - lowest) / 2)
  const first = randomInt(pairs)
  for (let tried = 0; tried < pairs; tried++) {
    const port = lowest + 2 * ((first + tried) % pairs)
    if (await take(port)) return port
  }
  throw new Error(`looking for a free port from ${lowest} to ${highest}: all are taken; what is listening there?`)
}
