import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeployedMappings } from '../../../local/aws/gateway/deployed-mappings.ts'
import type { MappingConfiguration } from '../../../local/aws/gateway/mapping-configuration.ts'
import { Mappings, type NewMapping } from '../../../local/aws/gateway/mappings.ts'

const CONFIGURATION: MappingConfiguration = {
  Topics: ['orders'],
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9'] } },
  BatchSize: 10,
}
const asked = (changes: Partial<NewMapping> = {}): NewMapping => ({
  uuid: 'one',
  region: 'eu-west-1',
  functionName: 'replicate',
  enabled: true,
  configuration: CONFIGURATION,
  ...changes,
})

/** Notes who polls what, and may be told to take its time, or to fail. */
class FakePolling {
  readonly happened: string[] = []
  stopping: Promise<void> = Promise.resolve()
  refuses = false
  start = async ({ uuid, configuration }: { uuid: string; configuration: MappingConfiguration }): Promise<void> => {
    this.happened.push(`start ${uuid} ${configuration.BatchSize}`)
    if (this.refuses) throw new Error('no such secret')
  }
  stop = async (uuid: string): Promise<void> => {
    await this.stopping
    this.happened.push(`stop ${uuid}`)
  }
}

let mappings: Mappings
let polling: FakePolling
beforeEach(async () => {
  vi.useFakeTimers()
  mappings = new Mappings({ createMs: 100, changeMs: 50, deleteMs: 30 }, () => 0)
  polling = new FakePolling()
  await mappings.pollWith(polling)
})
afterEach(() => vi.useRealTimers())

const stateAfter = async (ms: number): Promise<string | undefined> => {
  await vi.advanceTimersByTimeAsync(ms)
  return mappings.get('one')?.state
}
const created = async (changes: Partial<NewMapping> = {}): Promise<void> => {
  mappings.create(asked(changes))
  await vi.advanceTimersByTimeAsync(100)
  polling.happened.length = 0
}

describe('a mapping', () => {
  it('is polled when it is enabled, not before', async () => {
    expect(mappings.create(asked()).state).toBe('Creating')
    expect(await stateAfter(99)).toBe('Creating')
    expect(polling.happened).toEqual([])
    expect(await stateAfter(1)).toBe('Enabled')
    expect(polling.happened).toEqual(['start one 10'])
  })

  it('is not polled when it is created disabled', async () => {
    mappings.create(asked({ enabled: false }))
    expect(await stateAfter(100)).toBe('Disabled')
    expect(polling.happened).toEqual([])
  })

  it('is disabled only when nothing of it is in flight any more', async () => {
    await created()
    const { promise, resolve } = Promise.withResolvers<void>()
    polling.stopping = promise
    expect(mappings.change('one', { enabled: false })).toMatchObject({ mapping: { state: 'Disabling' } })
    expect(await stateAfter(1_000)).toBe('Disabling')
    resolve()
    expect(await stateAfter(0)).toBe('Disabled')
    expect(polling.happened).toEqual(['stop one'])
  })

  it('is enabled again by way of Enabling', async () => {
    await created({ enabled: false })
    expect(mappings.change('one', { enabled: true })).toMatchObject({ mapping: { state: 'Enabling' } })
    expect(await stateAfter(49)).toBe('Enabling')
    expect(await stateAfter(1)).toBe('Enabled')
    expect(polling.happened).toEqual(['start one 10'])
  })

  it('is polled anew with what was changed', async () => {
    await created()
    mappings.change('one', { configuration: { ...CONFIGURATION, BatchSize: 20 } })
    expect(mappings.get('one')?.state).toBe('Updating')
    expect(await stateAfter(50)).toBe('Enabled')
    expect(polling.happened).toEqual(['stop one', 'start one 20'])
  })

  it('takes no change on its way from one state to another, as on AWS', () => {
    mappings.create(asked())
    expect(mappings.change('one', { enabled: false })).toEqual({ kind: 'busy', state: 'Creating' })
    expect(mappings.change('two', { enabled: false })).toEqual({ kind: 'unknown' })
  })

  it('cannot be deleted on its way from one state to another, as on AWS', async () => {
    mappings.create(asked())
    expect(mappings.delete('one')).toEqual({ kind: 'busy', state: 'Creating' })
    expect(await stateAfter(100)).toBe('Enabled')
    expect(mappings.delete('one')).toMatchObject({ mapping: { state: 'Deleting' } })
    expect(mappings.delete('one')).toEqual({ kind: 'busy', state: 'Deleting' })
    expect(mappings.delete('two')).toEqual({ kind: 'unknown' })
  })

  it('stops being polled before it is gone', async () => {
    await created()
    mappings.delete('one')
    expect(await stateAfter(30)).toBeUndefined()
    expect(polling.happened).toEqual(['stop one'])
  })

  it('says what keeps it from being polled', async () => {
    polling.refuses = true
    mappings.create(asked())
    expect(await stateAfter(100)).toBe('Enabled')
    expect(mappings.get('one')?.lastProcessingResult).toBe('PROBLEM: no such secret')
  })

  it('that is enabled already is polled by whoever comes later', async () => {
    mappings = new Mappings({ createMs: 1, changeMs: 1, deleteMs: 1 }, () => 0)
    mappings.create(asked())
    await vi.advanceTimersByTimeAsync(1)
    await mappings.pollWith(polling)
    expect(polling.happened).toEqual(['start one 10'])
  })
})

describe('the mappings of deployed stacks', () => {
  let deployed: DeployedMappings
  const deploy = async (...wanted: readonly NewMapping[]): Promise<void> => {
    const done = deployed.become(wanted)
    await vi.advanceTimersByTimeAsync(1_000)
    await done
  }
  beforeEach(async () => {
    deployed = new DeployedMappings(mappings)
    await deploy(asked(), asked({ uuid: 'two' }))
    polling.happened.length = 0
  })

  it('stay as they are when nothing changed, also when somebody disabled one by hand', async () => {
    mappings.change('one', { enabled: false })
    await vi.advanceTimersByTimeAsync(50)
    polling.happened.length = 0
    await deploy(asked(), asked({ uuid: 'two' }))
    expect(mappings.get('one')?.state).toBe('Disabled')
    expect(polling.happened).toEqual([])
  })

  it('are changed where their template changed', async () => {
    await deploy(asked({ configuration: { ...CONFIGURATION, BatchSize: 99 } }), asked({ uuid: 'two', enabled: false }))
    expect(polling.happened).toEqual(['stop one', 'start one 99', 'stop two'])
  })

  it('are replaced where what cannot change did', async () => {
    const other = { ...CONFIGURATION, Topics: ['payments'] }
    await deploy(asked({ configuration: other }), asked({ uuid: 'two' }))
    expect(polling.happened).toEqual(['stop one', 'start one 10'])
    expect(mappings.get('one')?.configuration.Topics).toEqual(['payments'])
  })

  it('go with their stacks also when somebody is changing one', async () => {
    mappings.change('one', { enabled: false })
    await deploy()
    expect(mappings.list()).toEqual([])
  })

  it('go with their stacks, and leave those that others made', async () => {
    mappings.create(asked({ uuid: 'found by pattern' }))
    await deploy()
    expect(mappings.list().map(({ uuid }) => uuid)).toEqual(['found by pattern'])
  })
})
