import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createLagTeller } from '../../shared/adapters/cloudwatch/lag-metrics.ts'
import { createRackTeller } from '../../shared/adapters/cloudwatch/rack-metrics.ts'
import { connectLag } from '../../shared/adapters/lag-connections.ts'
import { connectRacks } from '../../shared/adapters/rack-connections.ts'
import { parseGroupOrder } from '../../shared/config/group-order.ts'
import { limitsOf } from '../../shared/domain/lag/link-verdict.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseGroupOrder(process.env.TWINSHORE_ORDER)
const { link } = order
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })

export const handler = middy(
  createHandler({
    connect: (place) => ({ ...connectLag(order, place), ...connectRacks(link, place) }),
    racks: createRackTeller({ link, logger, metrics }),
    limits: limitsOf(link),
    tell: createLagTeller({ link, logger, metrics }),
    fail: (error) => logger.error('sample failed', error),
  }),
).use(injectLambdaContext(logger))
