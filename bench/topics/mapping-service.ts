import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Polling } from '../../local/aws/gateway/mappings.ts'
import { startGateway } from '../../local/aws/gateway.ts'
import { freePort } from '../../local/machine/free-port.ts'

export interface MappingService {
  /** Of what answers as Lambda's control plane does. */
  readonly url: string
  stop(): Promise<void>
}

/** Event source mappings, polled by whoever wants to. */
export const startMappingService = async (polling?: Polling): Promise<MappingService> => {
  const nothing = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ EventSourceMappings: [] }))
  })
  await new Promise<void>((resolve) => nothing.listen(0, '127.0.0.1', resolve))
  const upstream = new URL(`http://127.0.0.1:${(nothing.address() as AddressInfo).port}`)
  const gateway = await startGateway({ port: await freePort(), upstream })
  if (polling !== undefined) await gateway.mappings.pollWith(polling)
  const stop = async (): Promise<void> => {
    await gateway.mappings.settled()
    await gateway.close()
    nothing.closeAllConnections()
    nothing.close()
  }
  return { url: gateway.url, stop }
}
