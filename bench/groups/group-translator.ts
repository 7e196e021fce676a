import type { Properties } from '../../local/kafka/broker-properties.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import type { Copier } from '../copiers/copier.ts'
import { mirrorMakerCopier } from '../copiers/mirror-maker-copier.ts'

/** What moves the groups of one copy, while its copier runs. */
export interface GroupPasses {
  /** At the moment at which a commit on the source is to be timed. */
  due(): Promise<void>
  /** What an operator does after it. */
  committed(): Promise<void>
  stop(): Promise<void>
}

export interface GroupTask {
  readonly source: LocalCluster
  readonly target: LocalCluster
  readonly topic: string
  readonly alias: string
}

/** A copier that also moves groups. */
export interface GroupTranslator {
  readonly name: string
  readonly settings: string
  readonly copier: Copier
  start(task: GroupTask): Promise<GroupPasses>
}

/** Every interval that has a say in it, at five seconds instead of one or ten minutes; the rest as delivered. */
const QUICK_GROUPS: Properties = {
  'sync.group.offsets.enabled': 'true',
  'sync.group.offsets.interval.seconds': '5',
  'emit.checkpoints.interval.seconds': '5',
  'refresh.groups.interval.seconds': '5',
}

const atOnce = async (): Promise<void> => undefined

/** It moves groups by itself. */
export const mirrorMakerTranslator = (): GroupTranslator => {
  const settings = Object.entries(QUICK_GROUPS).map(([name, value]) => `${name}=${value}`)
  const name = 'MirrorMaker 2, every 5 s'
  return {
    name,
    settings: `${settings.join(' ')}, otherwise as delivered`,
    copier: mirrorMakerCopier({ name, settings: '', properties: () => QUICK_GROUPS }),
    start: async () => ({ due: atOnce, committed: atOnce, stop: atOnce }),
  }
}
