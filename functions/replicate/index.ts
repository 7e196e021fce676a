import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createLatencyTeller } from '../../shared/adapters/cloudwatch/heartbeat-metrics.ts'
import { createGapAlarm, createInvocationReport } from '../../shared/adapters/cloudwatch/invocation-report.ts'
import { parseReplicateConfig } from '../../shared/config/replicate-config.ts'
import { linkDimensions, METRIC_NAMESPACE } from '../../shared/domain/metrics.ts'
import { dependenciesOf } from './dependencies.ts'
import { createHandler } from './handler.ts'

// Runs once per cold start; a bad configuration fails the init, not a record.
const config = parseReplicateConfig(process.env)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(config.link) })
const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
const means = { link: config.link, logger, metrics }
const told = {
  alarm: createGapAlarm(means),
  report: createInvocationReport(means),
  beats: { link: config.link.name, tell: createLatencyTeller(means) },
}

export const handler = middy(createHandler({ ...dependenciesOf(config), ...told })).use(injectLambdaContext(logger))
