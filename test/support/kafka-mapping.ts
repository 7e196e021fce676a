import type { KafkaMapping } from '../../local/poller/mapping.ts'

/** A mapping that AWS would take, with what a test says instead. */
export const kafkaMapping = (given: Partial<KafkaMapping> = {}): KafkaMapping => ({
  uuid: '7f9d2c34-0000-4000-8000-000000000001',
  functionName: 'replicate',
  topic: 'orders',
  consumerGroupId: 'twinshore-orders',
  bootstrapServers: ['127.0.0.1:9092'],
  login: { kind: 'none' },
  startingPosition: { kind: 'TRIM_HORIZON' },
  ...given,
})
