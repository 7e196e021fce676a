import type { QuotaChange } from '../../../domain/access/client-quota.ts'
import { type ClusterReply, readReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'
import { entityOf, type QuotaEntity, readEntity, writeEntity } from './quota-fields.ts'

export interface AlteredQuotas extends ClusterReply {
  readonly entity: QuotaEntity
}

/** AlterClientQuotas v0: an answer for each holder, in any order; to any broker. All changes of an entry are of one holder. */
export const alterClientQuotasRequest = (
  entries: readonly (readonly [QuotaChange, ...QuotaChange[]])[],
): KafkaRequest<readonly AlteredQuotas[]> => ({
  name: 'AlterClientQuotas',
  apiKey: 49,
  apiVersion: 0,
  flexible: false,
  bulky: true,
  write: (writer) => {
    const validateOnly = false
    writer
      .array(entries, (changes) =>
        writeEntity(writer, entityOf(changes[0])).array(changes, ({ key, value }) =>
          writer
            .string(key)
            .float64(value ?? 0)
            .boolean(value === undefined),
        ),
      )
      .boolean(validateOnly)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => ({ ...readReply(reader), entity: readEntity(reader) }))
  },
})
