import type { AclBinding } from '../../../domain/access/acl-binding.ts'
import { writeBinding } from './acl-fields.ts'
import { type ClusterReply, readReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'

/** CreateAcls v1: an answer for each, in the same order; to any broker, which hands it to the controller. */
export const createAclsRequest = (bindings: readonly AclBinding[]): KafkaRequest<readonly ClusterReply[]> => ({
  name: 'CreateAcls',
  apiKey: 30,
  apiVersion: 1,
  flexible: false,
  bulky: true,
  write: (writer) => {
    writer.array(bindings, (binding) => writeBinding(writer, binding))
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => readReply(reader))
  },
})
