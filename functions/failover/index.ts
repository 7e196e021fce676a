import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import { createFailoverTeller } from '../../shared/adapters/cloudwatch/failover-teller.ts'
import { connectFailover } from '../../shared/adapters/failover-connections.ts'
import { parseFailoverOrder } from '../../shared/config/failover-order.ts'
import { linkDimensions } from '../../shared/domain/metrics.ts'
import { createHandler } from './handler.ts'
import { STEPS } from './steps.ts'

// Runs once per cold start. The order is built into the bundle, since an environment is too small for many topics.
const order = parseFailoverOrder(process.env.TWINSHORE_ORDER)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(order.forward.order.link) })
const { told, asked } = createFailoverTeller({ logger })

export const handler = middy(
  createHandler({
    connect: (place) => {
      const { ledger, deps } = connectFailover(order, place)
      return { ledger, deps: { ...deps, asked } }
    },
    steps: STEPS,
    tail: order.tail,
    tell: told,
  }),
).use(injectLambdaContext(logger))
