import { expect, it } from 'vitest'
import { missingRight } from '../../../../../shared/domain/topics/topic-right.ts'

it.each([
  ['alter', 'User:ann lacks ALTER_CONFIGS on Topic `x` (with IAM: kafka-cluster:AlterTopicDynamicConfiguration)'],
  ['create', 'User:ann lacks CREATE on Topic `x` or on Cluster `kafka-cluster` (with IAM: kafka-cluster:CreateTopic)'],
] as const)('tells who has to be granted what to %s a topic', (action, told) => {
  expect(missingRight(action, 'x', 'User:ann')).toBe(told)
})
