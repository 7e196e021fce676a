import { createServer, type IncomingMessage } from 'node:http'
import { loadReplicator, type ReplicatorSpec } from '../replicator.ts'

/** What the function's process is told. */
export interface FunctionServerJob {
  readonly replicator: ReplicatorSpec
  readonly port: number
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

/** The replicate function behind HTTP on loopback, as Lambda's runtime gets its events: `node function-server.ts <job as JSON>`. */
const { replicator, port }: FunctionServerJob = JSON.parse(process.argv[2] ?? '')
const replicate = await loadReplicator(replicator)

const invoke = async (request: IncomingMessage): Promise<{ status: number; answer: string }> => {
  try {
    await replicate(JSON.parse(await bodyOf(request)))
    return { status: 200, answer: '' }
  } catch (error) {
    return { status: 500, answer: error instanceof Error ? error.message : String(error) }
  }
}

createServer((request, response) => {
  void invoke(request).then(({ status, answer }) => response.writeHead(status).end(answer))
}).listen(port, '127.0.0.1')
