import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { dependenciesOf } from '../../functions/replicate/dependencies.ts'
import { createHandler } from '../../functions/replicate/handler.ts'
import { createGapAlarm } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { BrokerConnection, type RequestLimits } from '../../shared/adapters/kafka/broker-connection.ts'
import type { KafkaRequest } from '../../shared/adapters/kafka/requests/kafka-request.ts'
import { parseReplicateConfig } from '../../shared/config/replicate-config.ts'
import { asReplicationError } from '../../shared/domain/errors.ts'
import { METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import type { PartitionOutcome } from '../../shared/domain/outcome.ts'
import type { FromWorker, KillPoint, ToWorker } from './function-messages.ts'

// The replicate function in a process of its own, with the real adapters, told what to do over the channel to its parent.

let killPoint: KillPoint | undefined

const dieIf = (port: string, when: KillPoint['when']): void => {
  if (killPoint?.call === port && killPoint.when === when) process.kill(process.pid, 'SIGKILL')
}

/** Calls of a port pass through, unless this is where the process has to die. */
const mortal = <Port extends object>(port: Port): Port =>
  new Proxy(port, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        const isFirstHead = name === 'advance' && args[1] === undefined
        const call = isFirstHead ? 'begin' : String(name)
        dieIf(call, 'before')
        const result: unknown = await member.apply(of, args)
        dieIf(call, 'after')
        return result
      }
    },
  })

/** Requests to the clusters pass through as well: there the ports call several in a row. */
const { request } = BrokerConnection.prototype
BrokerConnection.prototype.request = async function mortalRequest<T>(
  this: BrokerConnection,
  asked: KafkaRequest<T>,
  limits: RequestLimits,
): Promise<T> {
  dieIf(asked.name, 'before')
  const answer = (await request.call(this, asked, limits)) as T
  dieIf(asked.name, 'after')
  return answer
}

const tell = (message: FromWorker): void => void process.send?.(message)

const withPlainError = ({ error, ...outcome }: PartitionOutcome) => ({
  ...outcome,
  ...(error && { error: { code: error.code, message: error.message } }),
})

const config = parseReplicateConfig(process.env)
/** Its log would only be in the way: the parent hears outcomes over the channel. */
const logger = new Logger({ logLevel: 'SILENT' })
const means = { link: config.link, logger, metrics: new Metrics({ namespace: METRIC_NAMESPACE }) }
const { source, target, state, quarantine, ...others } = dependenciesOf(config)
const handler = createHandler({
  ...others,
  source: mortal(source),
  target: mortal(target),
  state: mortal(state),
  quarantine: quarantine && mortal(quarantine),
  alarm: createGapAlarm(means),
  report: (outcomes, malformed) => {
    const plain = malformed.map(({ where, error }) => ({ where, code: error.code, message: error.message }))
    tell({ kind: 'report', outcomes: outcomes.map(withPlainError), malformed: plain })
  },
})

const invoke = async (id: number, payload: Uint8Array, timeoutMs: number): Promise<void> => {
  const endsAt = Date.now() + timeoutMs
  try {
    const event: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    await handler(event, { getRemainingTimeInMillis: () => endsAt - Date.now() })
    dieIf('answer', 'before')
    tell({ kind: 'succeeded', id })
  } catch (error) {
    const { code, message } = asReplicationError(error, 'invoking the function')
    tell({ kind: 'failed', id, code, message })
  }
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'arm') killPoint = message.killPoint
  else void invoke(message.id, message.payload, message.timeoutMs)
})
process.on('disconnect', () => process.exit())
tell({ kind: 'ready' })
