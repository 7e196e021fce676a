import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createGapAlarm } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { createPassTeller } from '../../shared/adapters/cloudwatch/pass-metrics.ts'
import { connectTopicSync } from '../../shared/adapters/topic-sync-connections.ts'
import { parseSyncOrder } from '../../shared/config/sync-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseSyncOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const means = { link: order.link, logger, metrics }
const alarm = createGapAlarm(means)

export const handler = middy(
  createHandler({
    connect: (place) => ({ ...connectTopicSync(order, place), alarm }),
    tell: createPassTeller(means),
  }),
).use(injectLambdaContext(logger))
