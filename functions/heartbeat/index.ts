import { randomUUID } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createBeatTeller } from '../../shared/adapters/cloudwatch/heartbeat-metrics.ts'
import { connectHeartbeat } from '../../shared/adapters/heartbeat-connections.ts'
import { parseHeartbeatOrder } from '../../shared/config/heartbeat-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, as it is for all functions on a schedule.
const order = parseHeartbeatOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })

export const handler = middy(
  createHandler({
    connect: (place) => connectHeartbeat(order, place),
    tell: createBeatTeller({ link: order.link, logger, metrics }),
    fail: (error) => logger.error('no beat', error),
    newOwner: randomUUID,
  }),
).use(injectLambdaContext(logger))
