import { LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda'
import { UsageError } from '../../cli/usage-error.ts'
import { freePort } from '../machine/free-port.ts'
import type { LocalAws } from './aws.ts'
import { clientSettings } from './deployed-stack.ts'
import type { MappingDelays, NewMapping } from './gateway/mappings.ts'
import { startGateway } from './gateway.ts'

const REAL_AWS = /(?:^|\.)amazonaws\.com(?:\.cn)?$/

/** Throws when the endpoint is AWS itself: this only ever deploys to a local one. */
export const refuseRealAws = (endpoint: string): URL => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(`using ${endpoint} as the AWS endpoint: it is not a URL such as http://127.0.0.1:4566`)
  if (REAL_AWS.test(url.hostname))
    throw new UsageError(`using ${endpoint} as the AWS endpoint: that is AWS itself; deploy there with cdk deploy`)
  return url
}

/** An AWS that somebody else has started, behind our gateway. */
export const useAwsEndpoint = async (endpoint: string, delays?: MappingDelays): Promise<LocalAws> => {
  const upstream = refuseRealAws(endpoint)
  const gateway = await startGateway({ port: await freePort(), upstream, ...(delays !== undefined && { delays }) })
  return {
    url: gateway.url,
    gateway,
    killFunctions: () => Promise.reject(new Error(`killing functions of ${endpoint}: they are not ours to kill`)),
    stop: async () => {
      await gateway.mappings.stopPolling()
      await gateway.close()
    },
  }
}

/**
 * Whether an AWS kept what a Kafka mapping is about, so that it must be meant to poll by itself. To be asked directly,
 * not through the gateway, which would answer for it.
 */
export const pollsKafkaItself = async (endpoint: string, mappings: readonly NewMapping[]): Promise<boolean> => {
  for (const region of new Set(mappings.map((mapping) => mapping.region))) {
    const client = new LambdaClient(clientSettings(endpoint, region))
    try {
      for await (const { EventSourceMappings: known = [] } of paginateListEventSourceMappings({ client }, {}))
        if (known.some(({ UUID, Topics }) => (Topics ?? []).length > 0 && mappings.some(({ uuid }) => uuid === UUID)))
          return true
    } finally {
      client.destroy()
    }
  }
  return false
}
