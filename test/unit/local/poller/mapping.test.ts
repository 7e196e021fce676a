import { describe, expect, it } from 'vitest'
import { checkMapping, type KafkaMapping, mappingMistakes } from '../../../../local/poller/mapping.ts'
import { kafkaMapping } from '../../../support/kafka-mapping.ts'

const mistakes = (given: Partial<KafkaMapping>): string => mappingMistakes(kafkaMapping(given)).join('\n')
const provisionedPollers = { minimum: 1, maximum: 2 }

describe('a mapping', () => {
  it('that AWS takes has no mistakes', () => {
    const given = { maximumRetryAttempts: 0, bisectBatchOnFunctionError: true, provisionedPollers }
    expect(mistakes({ ...given, batchSize: 10_000, maximumBatchingWindowMs: 300_000 })).toBe('')
  })

  it.each<[string, Partial<KafkaMapping>]>([
    ['Topics', { topic: '.hidden' }],
    ['Topics', { topic: 'x' }],
    ['ConsumerGroupId', { consumerGroupId: 'with space' }],
    ['ConsumerGroupId', { consumerGroupId: 'g'.repeat(201) }],
    ['KafkaBootstrapServers', { bootstrapServers: [] }],
    ['BatchSize', { batchSize: 0 }],
    ['BatchSize', { batchSize: 10_001 }],
    ['MaximumBatchingWindowInSeconds', { maximumBatchingWindowMs: 500 }],
    ['MaximumBatchingWindowInSeconds', { maximumBatchingWindowMs: 301_000 }],
    ['MaximumRetryAttempts', { maximumRetryAttempts: 10_001, provisionedPollers }],
    ['ProvisionedPollerConfig', { provisionedPollers: { minimum: 3, maximum: 2 } }],
    ['ProvisionedPollerConfig', { provisionedPollers: { minimum: 0, maximum: 2 } }],
    ['MaximumRetryAttempts: needs ProvisionedPollerConfig', { maximumRetryAttempts: 3 }],
    ['BisectBatchOnFunctionError: needs ProvisionedPollerConfig', { bisectBatchOnFunctionError: true }],
    ['FunctionResponseTypes: needs ProvisionedPollerConfig', { functionResponseTypes: ['ReportBatchItemFailures'] }],
  ])('is refused for its %s: %j', (mistake, given) => {
    expect(mistakes(given)).toMatch(new RegExp(`^${mistake}[^\n]*$`))
  })

  it('is refused with all its mistakes at once, and without its login', () => {
    const bad = kafkaMapping({
      batchSize: 0,
      topic: '.x',
      login: { kind: 'plain', username: 'u', password: 'hunter2' },
    })
    expect(() => checkMapping(bad)).toThrow(/CONFIG_INVALID.*Topics.*BatchSize/)
    expect(() => checkMapping(bad)).not.toThrow(/hunter2/)
  })
})
