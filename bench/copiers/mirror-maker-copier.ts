import type { Properties } from '../../local/kafka/broker-properties.ts'
import { watchProcess } from '../process-figures.ts'
import type { Copier } from './copier.ts'
import { startMirrorMaker } from './mirror-maker.ts'

export interface MirrorMakerSettings {
  readonly name: string
  readonly settings: string
  /** On top of the defaults; `alias` is the source's name to MirrorMaker. */
  readonly properties: (alias: string) => Properties
}

/** It writes down how far it got when it stops. */
const STOP_GRACE_MS = 60_000

/** What guides to MirrorMaker's throughput tell everybody to set first. */
const tuned = (alias: string): Properties => ({
  'tasks.max': '2',
  [`${alias}.consumer.max.poll.records`]: '5000',
  [`${alias}.consumer.max.partition.fetch.bytes`]: '4194304',
  [`${alias}.consumer.fetch.max.bytes`]: '52428800',
  'target.producer.batch.size': '524288',
  'target.producer.linger.ms': '10',
  'target.producer.buffer.memory': '67108864',
})

export const MIRROR_MAKER_DEFAULTS: MirrorMakerSettings = {
  name: 'MirrorMaker 2, defaults',
  settings: 'as delivered, replication factors of 1',
  properties: () => ({}),
}

export const MIRROR_MAKER_TUNED: MirrorMakerSettings = {
  name: 'MirrorMaker 2, tuned',
  settings: Object.entries(tuned('source'))
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
  properties: tuned,
}

export const mirrorMakerCopier = ({ name, settings, properties }: MirrorMakerSettings): Copier => ({
  name,
  settings,
  start: async ({ source, target, alias, topic, folder }) => {
    const mirrorMaker = await startMirrorMaker({ source, target, alias, topic, folder, properties: properties(alias) })
    const watch = watchProcess(mirrorMaker.pid)
    return {
      figures: () => ({ mirrorMaker: watch.look() }),
      stop: async () => {
        watch.stop()
        await mirrorMaker.stop({ graceMs: STOP_GRACE_MS })
      },
      kill: async () => {
        watch.stop()
        await mirrorMaker.kill()
      },
    }
  },
})
