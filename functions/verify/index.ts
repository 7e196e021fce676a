import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createVerifyTeller } from '../../shared/adapters/cloudwatch/verify-metrics.ts'
import { connectVerifier } from '../../shared/adapters/verify-connections.ts'
import { parseVerifyOrder } from '../../shared/config/verify-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseVerifyOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const tell = createVerifyTeller({ link: order.link, logger, metrics })

export const handler = middy(createHandler({ connect: (place) => connectVerifier(order, place), tell })).use(
  injectLambdaContext(logger),
)
