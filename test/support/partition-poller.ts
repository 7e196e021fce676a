import { ReplicationError } from '../../shared/domain/errors.ts'
import { Sleeper } from './intercepted-port.ts'
import { Killer } from './killer.ts'
import type { Accident, History, HistoryStep, Slot } from './partition-history.ts'
import { PartitionWorld } from './partition-world.ts'
import { polled } from './polled.ts'

const MINUTE_MS = 60_000
/** More than anything takes that moves on at all. */
const TURNS = 60

/** Brings the records of a partition to the function, through whatever befalls it. */
export class PartitionPoller {
  readonly world = new PartitionWorld()
  readonly #asleep: { readonly sleeper: Sleeper; readonly done: Promise<void> }[] = []
  #position = 0

  static async after(history: History): Promise<PartitionPoller> {
    const poller = new PartitionPoller()
    for (const step of history) await poller.play(step)
    return poller
  }

  async play(step: HistoryStep): Promise<void> {
    const { world } = this
    world.nowMs += MINUTE_MS
    switch (step.kind) {
      case 'produce':
        return world.produce([...step.slots])
      case 'deliver':
        return await this.#deliver(world.life.poll(this.#position, step.count), step.accident)
      case 'overtake':
        return await this.#overtake(step.past, step.count)
      case 'seek':
        return this.#seek(step.by)
      case 'wake':
        return await this.#wake()
      case 'foreign':
        for (let at = 0; at < step.count; at++) world.target.writeForeign('orders', 0, polled(at, 'foreign'))
        return
      case 'retention':
        return world.retain(step.takes)
      case 'compaction':
        return world.life.compact(step.every)
      case 'recreate':
        return this.#recreate(step.slots, step.positionStays)
      case 'adopt':
        // Before there is a checkpoint only the end of all invocations tells that no batch of the earlier life is on its way.
        if (world.head === undefined && this.#asleep.length > 0) return
        if (await world.adopt()) this.#position = 0
        return
    }
  }

  /** Delivers what is left, without accidents. Returns whether that came to an end. */
  async drain(): Promise<boolean> {
    for (let turn = 0; turn < TURNS; turn++) {
      if (this.world.life.poll(this.#position, 1).length === 0) return true
      await this.play({ kind: 'deliver', count: 25, accident: { kind: 'none' } })
    }
    return false
  }

  async #deliver(offsets: readonly number[], accident: Accident): Promise<void> {
    if (accident.kind === 'asleep') return await this.#fallAsleep(offsets, accident.at)
    if (accident.kind === 'cut') this.#cut(accident.after, accident.acknowledged)
    const killer = accident.kind === 'killed' ? new Killer(accident.at, accident.when) : undefined
    const done = await this.world.invoke(offsets, (port) => killer?.wrap(port) ?? port)
    this.world.target.faults.length = 0
    if (!done || killer?.hasKilled === true || accident.kind === 'answer-lost') return
    this.#hear(offsets)
    this.#position = (offsets.at(-1) ?? this.#position - 1) + 1
  }

  #cut(afterRecords: number, acknowledged: boolean): void {
    const error = new ReplicationError('APPEND_OUTCOME_UNKNOWN', 'test')
    this.world.target.faults.push({ error, afterRecords, acknowledged })
  }

  #hear(offsets: readonly number[], life = this.world.life): void {
    for (const offset of offsets) life.answered.add(offset)
  }

  async #overtake(past: number, count: number): Promise<void> {
    const { life } = this.world
    const due = life.poll(this.#position, past + count)
    const [behind, ahead] = [due.slice(0, past), due.slice(past)]
    if (ahead.length === 0) return
    for (const offset of behind) life.skipped.add(offset)
    if (await this.world.invoke(ahead)) this.#hear(ahead)
  }

  #seek(by: number): void {
    const { life } = this.world
    const to = Math.min(life.ended, Math.max(0, this.#position + by))
    for (let at = this.#position; at < to; at++) life.skipped.add(at)
    this.#position = to
  }

  #recreate(slots: readonly Slot[], positionStays: boolean): void {
    const { world } = this
    world.recreate()
    world.produce([...slots])
    const position = positionStays ? Math.min(this.#position, world.life.ended) : 0
    this.#position = 0
    this.#seek(position)
  }

  /** It goes on, when it is woken, on a world that may have moved. Its answer is heard, and moves the position. */
  async #fallAsleep(offsets: readonly number[], at: number): Promise<void> {
    const sleeper = new Sleeper(at)
    const { life } = this.world
    const invocation = this.world.invoke(offsets, (port) => sleeper.wrap(port))
    const done = invocation.then((isDone) => {
      if (isDone) this.#hear(offsets, life)
      if (isDone && life === this.world.life) this.#position = (offsets.at(-1) ?? this.#position - 1) + 1
    })
    await Promise.race([sleeper.asleep, done])
    this.#asleep.push({ sleeper, done })
  }

  async #wake(): Promise<void> {
    const zombie = this.#asleep.shift()
    zombie?.sleeper.wake()
    await zombie?.done
  }
}
