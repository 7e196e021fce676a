import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createGroupTeller } from '../../shared/adapters/cloudwatch/group-metrics.ts'
import { connectGroupSync } from '../../shared/adapters/group-sync-connections.ts'
import { parseGroupOrder } from '../../shared/config/group-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseGroupOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const tell = createGroupTeller({ link: order.link, logger, metrics })

export const handler = middy(createHandler({ connect: (place) => connectGroupSync(order, place), tell })).use(
  injectLambdaContext(logger),
)
