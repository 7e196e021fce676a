import { Agent, request } from 'node:http'
import type { Invoke } from '../../local/poller/invocations.ts'
import type { KafkaMapping } from '../../local/poller/mapping.ts'
import { startPoller } from '../../local/poller/poller.ts'
import type { Isolation } from '../../local/poller/source-cluster.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'

/** What the poller's process is told. */
export interface PollerJob {
  readonly mapping: KafkaMapping
  /** Of the function's process. */
  readonly port: number
  readonly isolation?: Isolation
}

/** Lambda's poller in a process of its own: `node poller-runner.ts <job as JSON>`. Ends when it is told to. */
const { mapping, port, isolation }: PollerJob = JSON.parse(process.argv[2] ?? '')
const agent = new Agent({ keepAlive: true })

const invoke: Invoke = (payload) =>
  new Promise<InvokeResult>((resolve, reject) => {
    const sending = request({ agent, host: '127.0.0.1', port, method: 'POST' }, (response) => {
      let answer = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        answer += text
      })
      response.on('end', () =>
        resolve(
          response.statusCode === 200
            ? { kind: 'succeeded', response: Buffer.from(answer) }
            : { kind: 'failed', reason: answer },
        ),
      )
    })
    sending.on('error', reject)
    sending.end(payload)
  })

const poller = startPoller(mapping, invoke, {
  ...(isolation && { isolation }),
  observe: (happening) => {
    if (happening.kind === 'problem') console.error(happening.error)
    if (happening.kind === 'delivered' && happening.result !== 'succeeded')
      console.error(`an invocation ${happening.result}`)
  },
})
process.once('SIGTERM', () => void poller.stop().finally(() => process.exit()))
