import { type AppendAnswer, isAcknowledged, leavesDoubt } from '../../domain/append-verdict.ts'

/** Records of one append that travel together; `bytes` once they are encoded, and then never other bytes. */
export interface Shipment {
  readonly first: number
  readonly count: number
  readonly bytes: Uint8Array
  answer: AppendAnswer | undefined
  /** A try of these bytes ended so that they may be in the log although nobody said so. */
  doubtful: boolean
  inFlight: Promise<void> | undefined
}

/** The shipments of one partition that have no place yet, in order. */
export class SendWindow {
  readonly #shipments: Shipment[] = []

  get size(): number {
    return this.#shipments.length
  }

  get head(): Shipment | undefined {
    return this.#shipments[0]
  }

  /** Whether one of them may be in the log, or is, without having a place. */
  get doubtful(): boolean {
    return this.#shipments.some(({ doubtful, answer }) => doubtful || (answer !== undefined && isAcknowledged(answer)))
  }

  push(first: number, count: number, bytes: Uint8Array): Shipment {
    const shipment: Shipment = { first, count, bytes, answer: undefined, doubtful: false, inFlight: undefined }
    this.#shipments.push(shipment)
    return shipment
  }

  /** Those to send now: neither on their way nor acknowledged. */
  get due(): Shipment[] {
    return this.#shipments.filter(({ inFlight, answer }) => inFlight === undefined && answer === undefined)
  }

  placeHead(): void {
    this.#shipments.shift()
  }

  /** Forgets what was never sent or was plainly refused, so that it can be encoded in another way. */
  clear(): void {
    this.#shipments.length = 0
  }

  launch(shipment: Shipment, answer: Promise<AppendAnswer>): void {
    shipment.inFlight = answer.then((came) => {
      shipment.inFlight = undefined
      shipment.answer = came
    })
  }

  /** Waits for every answer, and notes which of them leave doubt. */
  async settle(): Promise<void> {
    await Promise.all(this.#shipments.map(({ inFlight }) => inFlight))
    let allPlaced = true
    for (const shipment of this.#shipments) {
      const { answer } = shipment
      if (answer !== undefined && leavesDoubt(answer, !allPlaced)) shipment.doubtful = true
      allPlaced &&= answer !== undefined && isAcknowledged(answer)
    }
  }

  /** Sends all again that is not acknowledged: the same bytes with the same sequences. */
  sendAgain(): void {
    for (const shipment of this.#shipments)
      if (shipment.answer !== undefined && !isAcknowledged(shipment.answer)) shipment.answer = undefined
  }
}
