import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import { type BeatDeps, type BeatReport, beat } from '../../shared/usecases/heartbeat/beat.ts'

export interface HandlerDeps extends Pick<BeatDeps, 'fail'> {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => Omit<BeatDeps, 'fail'>
  /** Told of what the invocation did. */
  readonly tell: (report: BeatReport) => void
  /** A name that no other invocation has. */
  readonly newOwner: () => string
}

/** What a beat takes at least, so that the last one is not begun in vain. */
const LAST_BEAT_MS = 1_500

/** Beats until the invocation's time is up, just before the next one goes on. */
export const createHandler = ({ connect, tell, fail, newOwner }: HandlerDeps) =>
  createFunction(
    () => 'beat',
    connect,
    async (_, deadline, connected): Promise<BeatReport> => {
      const turn = { owner: newOwner(), until: deadline.at - LAST_BEAT_MS }
      const report = await beat(turn, deadline, { ...connected, fail })
      tell(report)
      return report
    },
  )
