import type { Properties } from '../../local/kafka/broker-properties.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Copier, CopyTask } from '../copiers/copier.ts'
import { mirrorMakerCopier } from '../copiers/mirror-maker-copier.ts'
import { twinshoreCopier } from '../copiers/twinshore-copier.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { benchGroupOrder } from '../topics/bench-link.ts'
import { type PassProcess, startPasses } from './group-passes.ts'

/** What moves the groups of one copy, while its copier runs. */
export interface GroupPasses {
  /** At the moment at which a commit on the source is to be timed. */
  due(): Promise<void>
  /** What an operator does after it, again and again until the group is moved. */
  committed(): Promise<void>
  stop(): Promise<void>
}

/** A copier that also moves groups. */
export interface GroupTranslator {
  readonly name: string
  readonly settings: string
  readonly copier: Copier
  start(task: CopyTask): Promise<GroupPasses>
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

const MINUTE_MS = 60_000

export interface TwinshoreParts {
  readonly bundle: string
  readonly state: DynamoDbLocal
}

/** `every minute`: as deployed, a commit comes halfway between two passes; `apply`: somebody asks for passes after it. */
export const twinshoreTranslator = (passes: 'every minute' | 'apply', parts: TwinshoreParts): GroupTranslator => {
  const name = passes === 'apply' ? 'twinshore, apply' : 'twinshore, a pass every minute'
  return {
    name,
    settings: 'a window of 500 ms; the function that moves groups is warm',
    copier: twinshoreCopier({ name, settings: '', windowMs: 500, ...parts }),
    start: async ({ source, target, topic, alias, folder }) => {
      const order = benchGroupOrder({ name: alias, source, target, topics: [topic], naming: `${alias}.{topic}` })
      const running = await startPasses(order, { folder, environment: parts.state.environment })
      await running.pass()
      return passes === 'apply' ? onDemand(running) : everyMinute(running)
    },
  }
}

const onDemand = ({ pass, stop }: PassProcess): GroupPasses => ({
  due: atOnce,
  committed: async () => void (await pass()),
  stop,
})

const everyMinute = ({ pass, stop }: PassProcess): GroupPasses => {
  let last = performance.now()
  let passing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    last = performance.now()
    passing = passing.then(pass)
  }, MINUTE_MS)
  const isHalfway = (): boolean => performance.now() - last >= MINUTE_MS / 2
  return {
    due: async () => void (await eventually('the middle between two passes', isHalfway, { withinMs: MINUTE_MS })),
    committed: atOnce,
    stop: async () => {
      clearInterval(timer)
      await passing
      await stop()
    },
  }
}
