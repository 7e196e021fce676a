import { setTimeout as pause } from 'node:timers/promises'
import { untilReplicated } from '../../check/replication-check.ts'
import { produceBulk } from '../../corpus/corpus.ts'
import { eventually } from '../../machine/eventually.ts'
import { isDynamoWrite, type OpenLink } from './replicated-link.ts'
import type { Stage } from './scenario.ts'

const RECORDS_PER_FAULT = 2000
const HAPPENS_WITHIN_MS = 60_000
const AWAY_MS = 4_000

export interface Broken {
  /** Processes of the function that were killed between append and checkpoint. */
  readonly killed: number
}

/** Breaks things one after the other, with fresh records under way, and waits each time until all is replicated again. */
export const breakThings = async (stage: Stage, link: OpenLink): Promise<Broken> => {
  const killed = await killFunction(stage, link)
  await stopTarget(stage, link)
  await deliverTwice(stage, link)
  return { killed }
}

const write = async ({ options }: Stage, link: OpenLink, seed: number): Promise<void> => {
  await produceBulk(link.source, {
    records: RECORDS_PER_FAULT,
    sizeBytes: options.sizeBytes,
    seed: options.seed + seed,
  })
}

/** The first write of a checkpoint is held back: what it is about is on the target by then. */
const killFunction = (stage: Stage, link: OpenLink): Promise<number> =>
  stage.steps.show('the function is killed between append and checkpoint, and its batches come again', async (say) => {
    const held = link.aws.gateway.faults.inject({ match: isDynamoWrite, fault: 'hold' })
    try {
      await write(stage, link, 2)
      await happens('a checkpoint to be held back', held.firstMatch)
      say('killing the function')
      return await link.aws.killFunctions()
    } finally {
      held.remove()
      await untilReplicated(link, say)
    }
  })

const stopTarget = (stage: Stage, link: OpenLink): Promise<void> =>
  stage.steps.show('the target cluster is stopped for a while', async (say) => {
    const { brokers } = link.world.target
    await Promise.all(brokers.map((broker) => broker.stop()))
    try {
      await write(stage, link, 3)
      await pause(AWAY_MS)
    } finally {
      say('starting the target again')
      await Promise.all(brokers.map((broker) => broker.start()))
    }
    await untilReplicated(link, say)
  })

const deliverTwice = (stage: Stage, link: OpenLink): Promise<void> =>
  stage.steps.show('every batch is delivered twice, in turn and side by side', async (say) => {
    for (const [seed, how] of (['in-turn', 'side-by-side'] as const).entries()) {
      link.deliver(how)
      await write(stage, link, 4 + seed)
      await untilReplicated(link, say)
    }
    link.deliver('once')
  })

const happens = async <Answer>(what: string, promise: Promise<Answer>): Promise<Answer> => {
  let answer: { readonly value: Answer } | undefined
  void promise.then((value) => {
    answer = { value }
  })
  return (await eventually(what, () => answer, { withinMs: HAPPENS_WITHIN_MS })).value
}
