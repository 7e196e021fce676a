import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda'
import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { rest } from '../running-deadline.ts'
import { judgeRefusal, type Refusal } from './control-plane-errors.ts'
import { RequestPace } from './request-pace.ts'

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000

/** What Lambda answered, or why it did not do what it was asked. */
export type Answer<Done> = { readonly kind: 'done'; readonly done: Done } | Exclude<Refusal, { kind: 'again' }>

/** What is not named comes from the environment. Making a mapping takes seconds, since Lambda looks at its secrets first. */
export const createControlPlaneClient = (
  place: Pick<LambdaClientConfig, 'region' | 'endpoint' | 'credentials'> = {},
): LambdaClient =>
  new LambdaClient({
    ...place,
    maxAttempts: 1, // who tries again is us, at our pace
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  })

/** Lambda's API in one region: all requests at one pace, and again while trying again can help. */
export class ControlPlane {
  readonly client: LambdaClient
  readonly #pace: RequestPace

  constructor(client: LambdaClient, pace = new RequestPace()) {
    this.client = client
    this.#pace = pace
  }

  /** `send` is given the signal that ends it. Throws when the deadline passes before Lambda says anything final. */
  async ask<Done>(
    send: (signal: AbortSignal) => Promise<Done>,
    doing: string,
    deadline: Deadline,
  ): Promise<Answer<Done>> {
    let trouble: ReplicationError | undefined
    for (let attempt = 0; ; attempt++) {
      if (!(await this.#pace.turn(deadline))) throw trouble ?? tooLate(doing)
      try {
        return { kind: 'done', done: await send(deadline.signal) }
      } catch (error) {
        const refusal = judgeRefusal(error, doing)
        if (refusal.kind !== 'again') return refusal
        trouble = deadline.signal.aborted ? (trouble ?? refusal.error) : refusal.error
      }
      if (!(await rest(backoffMs(attempt), deadline))) throw trouble
    }
  }

  /** Like `ask`, and again while the mapping is on its way from one state to another. */
  async askAtRest<Done>(
    send: (signal: AbortSignal) => Promise<Done>,
    doing: string,
    deadline: Deadline,
  ): Promise<Exclude<Answer<Done>, { kind: 'in-use' }>> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.ask(send, doing, deadline)
      if (answer.kind !== 'in-use') return answer
      if (!(await rest(backoffMs(attempt), deadline))) throw answer.error
    }
  }
}

/** Jittered, so that several who were refused together do not come back together. */
export const backoffMs = (attempt: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2)

const tooLate = (doing: string): ReplicationError =>
  new ReplicationError('DEADLINE_PASSED', `${doing}: the deadline passed before it was our turn`)
