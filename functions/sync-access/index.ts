import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { connectAccessSync } from '../../shared/adapters/access-sync-connections.ts'
import { createAccessTeller } from '../../shared/adapters/cloudwatch/access-metrics.ts'
import { parseAccessOrder } from '../../shared/config/access-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseAccessOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const tell = createAccessTeller({ link: order.link, logger, metrics })

export const handler = middy(createHandler({ connect: (place) => connectAccessSync(order, place), tell })).use(
  injectLambdaContext(logger),
)
