import { describe, expect, it } from 'vitest'
import {
  parseRemoveMappingsConfig,
  removeMappingsEnvironment,
} from '../../../../shared/config/remove-mappings-config.ts'
import { defineTopology } from '../../../../shared/domain/topology/topology-check.ts'
import { valid } from '../domain/topology/topology-example.ts'

describe('what the remover of mappings is told', () => {
  it('is what the link says', () => {
    const [link] = defineTopology({ ...valid, installation: 'mine' }).links
    expect(link && parseRemoveMappingsConfig(removeMappingsEnvironment(link))).toEqual({
      installation: 'mine',
      name: 'west-east',
      functionName: 'mine-west-east-replicate',
    })
  })

  it.each([[{}], [{ TWINSHORE_MAPPINGS: '{' }], [{ TWINSHORE_MAPPINGS: '{"installation":"a","name":"b"}' }]])(
    'is refused when it is %j',
    (environment) => {
      expect(() => parseRemoveMappingsConfig(environment)).toThrow(/functionName must be a text, and is missing/)
    },
  )
})
