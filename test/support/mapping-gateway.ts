import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MappingDelays } from '../../local/aws/gateway/mappings.ts'
import { type Gateway, startGateway } from '../../local/aws/gateway.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { ControlPlane, createControlPlaneClient } from '../../shared/adapters/lambda/control-plane.ts'
import { mappingControl } from '../../shared/adapters/lambda/mapping-control.ts'
import { RequestPace } from '../../shared/adapters/lambda/request-pace.ts'
import type { MappingOwner } from '../../shared/adapters/lambda/run-time-mappings.ts'
import { eventSourceMapping } from '../../shared/domain/event-source-mapping.ts'
import { consumerGroup, replicatorName } from '../../shared/domain/link-names.ts'
import { INSTALLATION_TAG, LINK_TAG } from '../../shared/domain/topics/mapping-tags.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { MappingControl } from '../../shared/usecases/topics/topic-ports.ts'

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '000000000000' }
const CREDENTIALS = { accessKeyId: PLACE.account, secretAccessKey: 'anything' }

/** The local gateway in front of an AWS that has nothing of its own. */
export interface MappingGateway extends Gateway {
  stop(): Promise<void>
}

export const startMappingGateway = async (delays?: MappingDelays): Promise<MappingGateway> => {
  const nothing = createServer(({ url = '' }, response) => {
    const isList = /event-source-mappings\/?(?:\?|$)/.test(url)
    const answer = isList ? { EventSourceMappings: [] } : { __type: 'ResourceNotFoundException', Message: url }
    response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => nothing.listen(0, '127.0.0.1', resolve))
  const upstream = new URL(`http://127.0.0.1:${(nothing.address() as AddressInfo).port}`)
  const gateway = await startGateway({ port: await freePort(), upstream, ...(delays && { delays }) })
  const stop = async (): Promise<void> => {
    await gateway.mappings.settled()
    await gateway.close()
    nothing.closeAllConnections()
    nothing.close()
  }
  return { ...gateway, stop }
}

export const ownerOf = (link: Link): MappingOwner => ({
  installation: link.installation,
  name: link.name,
  functionName: replicatorName(link),
  stackTopics: link.topics,
})

/** The control of a link's mappings; faster than Lambda would allow, unless a pace is given. */
export const controlOf = (
  link: Link,
  endpoint: string,
  pace = new RequestPace({ requestsASecond: 1_000_000 }),
): MappingControl => {
  const client = createControlPlaneClient({ endpoint, region: PLACE.region, credentials: CREDENTIALS })
  return mappingControl(new ControlPlane(client, pace), {
    ...ownerOf(link),
    mappingOf: (topic) => eventSourceMapping(link, topic, PLACE),
  })
}

/** Makes the mapping of a topic as the stack of the link does. */
export const deployMapping = async ({ mappings }: Gateway, link: Link, topic: string): Promise<void> => {
  mappings.create({
    uuid: randomUUID(),
    region: PLACE.region,
    functionName: replicatorName(link),
    enabled: true,
    configuration: {
      Topics: [topic],
      SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: consumerGroup(link, topic) },
    },
    tags: { [INSTALLATION_TAG]: link.installation, [LINK_TAG]: link.name },
  })
  await mappings.settled()
}
