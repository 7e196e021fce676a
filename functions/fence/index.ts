import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createFailoverGauge } from '../../shared/adapters/cloudwatch/failover-metrics.ts'
import { createPendingTeller } from '../../shared/adapters/cloudwatch/fence-metrics.ts'
import { connectTurnBack } from '../../shared/adapters/failover-connections.ts'
import { connectFailoverWatch } from '../../shared/adapters/failover-watch-connections.ts'
import { connectFencing } from '../../shared/adapters/fence-connections.ts'
import { parseFailoverOrder } from '../../shared/config/failover-order.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseFailoverOrder(process.env.TWINSHORE_ORDER)
const { link } = order.forward.order
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const { tell, counted } = createPendingTeller({ link, logger, metrics })

const connect = (place: AwsPlace) => {
  const { turnBack } = connectTurnBack(order, place)
  const watch = connectFailoverWatch(order.forward)
  return { ...connectFencing(order, place, { turnBack, counted }), watch }
}

export const handler = middy(createHandler({ connect, tell, gauge: createFailoverGauge({ link, metrics }) })).use(
  injectLambdaContext(logger),
)
