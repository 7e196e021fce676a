import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import { ControlPlane, createControlPlaneClient } from '../../shared/adapters/lambda/control-plane.ts'
import { runTimeMappings } from '../../shared/adapters/lambda/run-time-mappings.ts'
import { rest } from '../../shared/adapters/running-deadline.ts'
import { parseRemoveMappingsConfig } from '../../shared/config/remove-mappings-config.ts'
import { linkDimensions } from '../../shared/domain/metrics.ts'
import { createHandler, type HandlerDeps } from './handler.ts'

// Runs once per cold start; a bad configuration fails the init, before anything is removed.
const config = parseRemoveMappingsConfig(process.env)
const logger = new Logger({ serviceName: 'twinshore', persistentKeys: linkDimensions(config) })
const plane = new ControlPlane(createControlPlaneClient())

const report: HandlerDeps['report'] = (outcome) => {
  if ('removed' in outcome) logger.info('mappings removed', outcome)
  else logger.error('mappings not removed', outcome.error)
}

export const handler = middy(
  createHandler({ mappings: runTimeMappings(plane, { ...config, stackTopics: [] }), rest, report }),
).use(injectLambdaContext(logger))
