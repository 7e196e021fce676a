import { type ClusterReply, readReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'
import { type QuotaEntity, readEntity } from './quota-fields.ts'

export interface DescribedQuotas extends ClusterReply {
  readonly entries: readonly { readonly entity: QuotaEntity; readonly values: ReadonlyMap<string, number> }[]
}

/** DescribeClientQuotas v0: all quotas of the cluster; from any broker. */
export const describeClientQuotasRequest = (): KafkaRequest<DescribedQuotas> => ({
  name: 'DescribeClientQuotas',
  apiKey: 48,
  apiVersion: 0,
  flexible: false,
  bulky: true,
  write: (writer) => {
    const onlyExactly = false
    writer.array([], () => undefined).boolean(onlyExactly) // no filter
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const reply = readReply(reader)
    const entries = reader.array(() => ({
      entity: readEntity(reader),
      values: new Map(reader.array(() => [reader.string() ?? '', reader.float64()] as const)),
    }))
    return { ...reply, entries }
  },
})
