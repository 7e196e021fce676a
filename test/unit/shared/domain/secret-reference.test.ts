import { describe, expect, it } from 'vitest'
import {
  isSecretReference,
  secretArn,
  secretPolicyResource,
  secretRegion,
} from '../../../../shared/domain/secret-reference.ts'

const place = { partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }
const complete = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka/west-AbCdEf'
const partial = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka/west'

describe('a reference to a secret', () => {
  it.each(['kafka/west', complete, partial])('may be %s', (secret) => {
    expect(isSecretReference(secret)).toBe(true)
  })

  it.each(['', 'hunter 2', 'p4$$word', 'arn:aws:s3:::bucket', `${complete}*`])('cannot be "%s"', (secret) => {
    expect(isSecretReference(secret)).toBe(false)
  })

  it('by name is looked up where the function runs', () => {
    expect(secretArn('kafka/west', place)).toBe('arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:kafka/west')
    expect(secretRegion('kafka/west')).toBeUndefined()
  })

  it('by ARN stays where it is', () => {
    expect(secretArn(partial, place)).toBe(partial)
    expect(secretRegion(partial)).toBe('eu-west-1')
  })

  it.each([
    ['kafka/west', 'arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:kafka/west-??????'],
    [partial, `${partial}-??????`],
    [complete, complete],
  ])('%s allows to read %s and nothing else', (secret, resource) => {
    expect(secretPolicyResource(secret, place)).toBe(resource)
  })
})
