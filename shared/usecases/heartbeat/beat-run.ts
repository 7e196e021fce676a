import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import {
  type Beat,
  type Beater,
  beatRecord,
  HEARTBEAT_PARTITION,
  HEARTBEAT_TOPIC,
} from '../../domain/heartbeat/beat.ts'
import { dueBeats } from '../../domain/heartbeat/beat-plan.ts'
import type { AppendOutcome, Deadline } from '../ports.ts'
import type { BeatDeps } from './beat.ts'
import { createHeartbeatTopic } from './create-heartbeat-topic.ts'

/** Who dies with the lease is followed after that long. */
const LEASE_MS = 15_000
/** A lease with less left is renewed, so that not every beat costs a write of it. */
const LEFT_AT_LEAST_MS = 8_000
/** How far the clocks of two invocations may differ: an append that began under a lease ends that long before it. */
const SKEW_MS = 2_000
const APPEND_WITHIN_MS = 5_000
/** Of a question to the table of the link. */
const STATE_WITHIN_MS = 5_000
const CREATE_WITHIN_MS = 20_000
/** Brokers hear of a topic within a second or two after it was made. */
const VISIBLE_WITHIN_MS = 10_000

/** The log is that of a source here, and speaks as if it were a target. */
const ON_THE_SOURCE: Partial<Record<ErrorCode, ErrorCode>> = {
  TARGET_UNREACHABLE: 'SOURCE_UNREACHABLE',
  TARGET_TOPIC_UNKNOWN: 'SOURCE_TOPIC_UNKNOWN',
  TARGET_DENIED: 'TOPIC_DENIED',
}

/** What one invocation knows while it has the lease. */
interface Turn {
  readonly beater: Beater
  last: Beat | undefined
}

interface Done {
  readonly sent: number
  readonly skipped: number
}

/** The beats of one invocation, one after the other. */
export class BeatRun {
  readonly #owner: string
  readonly #deps: BeatDeps
  #leaseUntil = 0
  #turn: Turn | undefined
  /** When the topic was missing for the first time, and was made. */
  #missingSince: number | undefined

  constructor(owner: string, deps: BeatDeps) {
    this.#owner = owner
    this.#deps = deps
  }

  /** Sends what is due now. */
  async beat(deadline: Deadline): Promise<Done | 'held'> {
    const { within, clock } = this.#deps
    const state = within(STATE_WITHIN_MS, deadline)
    try {
      if (!(await this.#isOurs(state))) return 'held'
      this.#turn ??= await this.#begin(state)
    } finally {
      state.end()
    }
    const { beats, skipped } = dueBeats(this.#turn.last, clock.now())
    const sent = beats.length === 0 ? 0 : await this.#send(beats, this.#turn, deadline)
    return sent === 'held' ? sent : { sent, skipped }
  }

  async end(deadline: Deadline): Promise<void> {
    if (this.#leaseUntil > 0) await this.#deps.lease.release(this.#owner, deadline)
  }

  async #isOurs(deadline: Deadline): Promise<boolean> {
    const { lease, clock } = this.#deps
    const now = clock.now()
    if (this.#leaseUntil - now >= LEFT_AT_LEAST_MS) return true
    const until = now + LEASE_MS
    // Whoever has let it run out has to look again what others did meanwhile.
    if (this.#leaseUntil <= now) this.#lose()
    if ((await lease.acquire(this.#owner, now, until, deadline)) === 'acquired') {
      this.#leaseUntil = until
      return true
    }
    this.#lose()
    return false
  }

  #lose(): void {
    this.#leaseUntil = 0
    this.#turn = undefined
  }

  async #begin(deadline: Deadline): Promise<Turn> {
    const { link, log, state, ledger } = this.#deps
    const clusterId = await log.clusterId(deadline).catch((error: unknown) => {
      throw this.#onTheSource(error)
    })
    const [{ status }, last] = await Promise.all([state.read([], deadline), ledger.read(deadline)])
    return { beater: { link: link.name, clusterId, epoch: status.epoch }, last }
  }

  /** What has its place is remembered also when the rest has none. */
  async #send(beats: readonly Beat[], turn: Turn, deadline: Deadline): Promise<number | 'held'> {
    const { placed, stopped } = await this.#append(beats, turn, deadline)
    const sent = placed.reduce((sum, { count }) => sum + count, 0)
    const newest = beats[sent - 1]
    if (newest !== undefined && (await this.#remember(newest, turn, deadline)) === 'superseded') {
      this.#lose()
      return 'held'
    }
    if (sent > 0) this.#missingSince = undefined
    if (stopped === undefined) return sent
    if (stopped.error.code !== 'TARGET_TOPIC_UNKNOWN') throw this.#onTheSource(stopped.error)
    this.#missingSince ??= this.#deps.clock.now()
    await this.#createTopic(deadline)
    this.#refuseInvisible(this.#missingSince)
    return sent
  }

  /** Ends before another invocation may have the lease. */
  async #append(beats: readonly Beat[], { beater }: Turn, deadline: Deadline): Promise<AppendOutcome> {
    const { clock, log, within } = this.#deps
    const now = clock.now()
    const append = within(Math.min(APPEND_WITHIN_MS, this.#leaseUntil - SKEW_MS - now), deadline)
    const [first, ...others] = beats.map((one) => beatRecord(one, beater, now))
    if (first === undefined) return { placed: [], bytes: 0 }
    try {
      return await log.append({ ...HEARTBEAT_PARTITION, records: [first, ...others] }, append)
    } finally {
      append.end()
    }
  }

  /** The turn goes on after these beats whatever becomes of the write: they are on the source. */
  async #remember(newest: Beat, turn: Turn, deadline: Deadline): Promise<'remembered' | 'superseded'> {
    const { within, ledger } = this.#deps
    const state = within(STATE_WITHIN_MS, deadline)
    turn.last = newest
    try {
      return await ledger.remember(this.#owner, newest, state)
    } finally {
      state.end()
    }
  }

  /** Beats that found no topic are due again a second later. */
  async #createTopic(deadline: Deadline): Promise<void> {
    const { within, topics } = this.#deps
    const making = within(CREATE_WITHIN_MS, deadline)
    try {
      await createHeartbeatTopic(making, topics)
    } finally {
      making.end()
    }
  }

  /** Whoever may make a topic and not see it would else beat into nothing, and say nothing. */
  #refuseInvisible(missingSince: number): void {
    const { link, clock } = this.#deps
    const forMs = clock.now() - missingSince
    if (forMs < VISIBLE_WITHIN_MS) return
    this.#missingSince = undefined // so that it is said now and then, and not with every beat
    throw new ReplicationError(
      'SOURCE_TOPIC_UNKNOWN',
      `beating for ${link.name} on its source ${link.source.name}: ${HEARTBEAT_TOPIC} was made ${Math.round(forMs / 1_000)} s ago, or is there, and no broker shows it to us; may the login DESCRIBE and WRITE the topic, and has its partition a leader?`,
    )
  }

  #onTheSource(error: unknown): unknown {
    if (!(error instanceof ReplicationError)) return error
    const { link } = this.#deps
    const doing = `beating for ${link.name} on its source ${link.source.name}: ${error.message}`
    return new ReplicationError(ON_THE_SOURCE[error.code] ?? error.code, doing, { cause: error })
  }
}
