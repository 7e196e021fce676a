import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import type { ClusterLogin } from './cluster-login.ts'

/** A quiet client, for administration and small checks. Data is read and written with others, see `log-reader.ts`. */
export const kafkaClient = (
  bootstrapServers: readonly string[],
  login: ClusterLogin,
  own: Partial<KafkaConfig> = {},
): Kafka =>
  new Kafka({
    brokers: [...bootstrapServers],
    logLevel: logLevel.NOTHING,
    ...(login.kind !== 'none' && {
      ssl: { ca: [login.ca] },
      sasl: { mechanism: login.kind, username: login.username, password: login.password },
    }),
    ...own,
  })
