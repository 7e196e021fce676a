import type { AclBinding } from '../../../domain/access/acl-binding.ts'
import { ANY, readEntry, readPlace } from './acl-fields.ts'
import { type ClusterReply, readReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'

export interface DescribedAcls extends ClusterReply {
  readonly bindings: readonly AclBinding[]
}

/** DescribeAcls v1: all ACLs of the cluster; from any broker. */
export const describeAclsRequest = (): KafkaRequest<DescribedAcls> => ({
  name: 'DescribeAcls',
  apiKey: 29,
  apiVersion: 1,
  flexible: false,
  bulky: true,
  write: (writer) => {
    writer.int8(ANY).nullString().int8(ANY) // resource, name, pattern
    writer.nullString().nullString().int8(ANY).int8(ANY) // principal, host, operation, permission
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const reply = readReply(reader)
    const bindings = reader.array(() => {
      const place = readPlace(reader)
      return reader.array(() => ({ ...place, ...readEntry(reader) }))
    })
    return { ...reply, bindings: bindings.flat() }
  },
})
