import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { RequestWriter } from '../../shared/adapters/kafka/requests/request-writer.ts'

/** Writes the body of an answer; `undefined`: there is none; `hangs up`: the connection ends instead, at once. */
export type ScriptedAnswer = ((writer: RequestWriter) => unknown) | 'hangs up' | undefined
export type Script = (apiKey: number) => ScriptedAnswer

export interface ScriptedBroker extends AsyncDisposable {
  readonly port: number
  readonly address: string
  /** The APIs that were asked for on each connection, in order. */
  readonly asked: readonly number[][]
}

const API_VERSIONS = 18
/** Every API that a client of ours asks for, in every version. */
const SPOKEN = Array.from({ length: 60 }, (_, apiKey) => apiKey)
const NEWEST = 12

/** By the number of the API, where a broker is older than the others. */
type NewestVersions = Readonly<Record<number, number>>

const apiVersions =
  (newest: NewestVersions) =>
  (writer: RequestWriter): unknown => {
    const noError = 0
    const throttledMs = 0
    writer.int16(noError).array(SPOKEN, (apiKey) =>
      writer
        .int16(apiKey)
        .int16(0)
        .int16(newest[apiKey] ?? NEWEST),
    )
    return writer.int32(throttledMs)
  }

const frame = (correlation: number, write: (writer: RequestWriter) => unknown): Buffer => {
  const writer = new RequestWriter().int32(correlation)
  write(writer)
  const body = Buffer.concat(writer.take())
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

const serve = (socket: Socket, script: Script, asked: number[], newest: NewestVersions): void => {
  let received = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const [apiKey, correlation] = [received.readInt16BE(4), received.readInt32BE(8)]
      received = received.subarray(4 + received.readInt32BE(0))
      asked.push(apiKey)
      const write = apiKey === API_VERSIONS ? apiVersions(newest) : script(apiKey)
      if (write === 'hangs up') socket.destroy()
      else if (write !== undefined) socket.write(frame(correlation, write))
    }
  })
}

/** A broker that says what a test wants to hear, for what real brokers hardly ever say. */
export const startScriptedBroker = async (script: Script, newest: NewestVersions = {}): Promise<ScriptedBroker> => {
  const sockets = new Set<Socket>()
  const asked: number[][] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    const here: number[] = []
    asked.push(here)
    serve(socket, script, here, newest)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    address: `127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
