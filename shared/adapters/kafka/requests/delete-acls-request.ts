import type { AclBinding } from '../../../domain/access/acl-binding.ts'
import { KAFKA_ERROR } from '../../../domain/kafka-errors.ts'
import { readEntry, readPlace, writeBinding } from './acl-fields.ts'
import { type ClusterReply, readReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

/**
 * DeleteAcls v1: an answer for each, in the same order; to any broker, which hands it to the controller. Each is a filter
 * without any wildcard, so that it takes nothing else with it.
 */
export const deleteAclsRequest = (bindings: readonly AclBinding[]): KafkaRequest<readonly ClusterReply[]> => ({
  name: 'DeleteAcls',
  apiKey: 31,
  apiVersion: 1,
  flexible: false,
  bulky: true,
  write: (writer) => {
    writer.array(bindings, (binding) => writeBinding(writer, binding))
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => readFiltered(reader))
  },
})

/** The filter may have been fine, and the ACL that it found not removed. */
const readFiltered = (reader: ResponseReader): ClusterReply => {
  const ofFilter = readReply(reader)
  const found = reader.array(() => {
    const reply = readReply(reader)
    readPlace(reader)
    readEntry(reader)
    return reply
  })
  return found.find(({ error }) => error !== KAFKA_ERROR.none) ?? ofFilter
}
