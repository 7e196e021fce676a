import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { ReplicationError } from '../../domain/errors.ts'
import { unpackRuns } from '../../domain/packed-runs.ts'
import type { Run } from '../../domain/run.ts'

export type Item = Record<string, AttributeValue>

export const text = (value: string): AttributeValue => ({ S: value })
export const integer = (value: bigint | number): AttributeValue => ({ N: value.toString() })
export const flag = (value: boolean): AttributeValue => ({ BOOL: value })
export const integers = (values: readonly bigint[]): AttributeValue => ({ L: values.map(integer) })
export const bytes = (value: Uint8Array): AttributeValue => ({ B: value })

const INTEGER = /^-?\d+$/

/** An item as the table gave it, read attribute by attribute; whatever is not as we wrote it is `STATE_MALFORMED`. */
export class StoredItem {
  readonly #item: Item
  readonly #within: string

  constructor(item: Item, within = '') {
    this.#item = item
    this.#within = within
  }

  has(name: string): boolean {
    return this.#item[name] !== undefined
  }

  text(name: string): string {
    return this.#item[name]?.S ?? this.refuse(name, 'a text')
  }

  oneOf<const Word extends string>(name: string, words: readonly Word[]): Word {
    const found = this.text(name)
    return words.find((word) => word === found) ?? this.refuse(name, words.join(' or '))
  }

  flag(name: string): boolean {
    return this.#item[name]?.BOOL ?? this.refuse(name, 'true or false')
  }

  offset(name: string): bigint {
    const digits = this.#item[name]?.N
    return digits !== undefined && INTEGER.test(digits) ? BigInt(digits) : this.refuse(name, 'an integer')
  }

  offsets(name: string): readonly bigint[] {
    const list = this.#item[name]?.L ?? this.refuse(name, 'a list of integers')
    return list.map((one) => new StoredItem({ one }, `${this.#where()}, in ${name}`).offset('one'))
  }

  texts(name: string): readonly string[] {
    const list = this.#item[name]?.L ?? this.refuse(name, 'a list of texts')
    return list.map((one) => new StoredItem({ one }, `${this.#where()}, in ${name}`).text('one'))
  }

  bytes(name: string): Uint8Array {
    return this.#item[name]?.B ?? this.refuse(name, 'bytes')
  }

  number(name: string): number {
    const value = Number(this.offset(name))
    return Number.isSafeInteger(value) ? value : this.refuse(name, 'an integer of at most 53 bits')
  }

  runs(name: string): readonly Run[] {
    const packed = this.#item[name]?.B ?? this.refuse(name, 'packed runs')
    try {
      return unpackRuns(packed)
    } catch (cause) {
      return this.refuse(name, 'packed runs', cause)
    }
  }

  inner(name: string): StoredItem {
    return new StoredItem(this.#item[name]?.M ?? this.refuse(name, 'a map'), `${this.#where()}, in ${name}`)
  }

  /** For what cannot be seen in one attribute alone. */
  refuse(name: string, expected: string, cause?: unknown): never {
    throw new ReplicationError('STATE_MALFORMED', `reading ${this.#where()}: attribute ${name} is not ${expected}`, {
      cause,
    })
  }

  #where(): string {
    return this.#within || `item ${this.#item['pk']?.S} / ${this.#item['sk']?.S}`
  }
}

/** An attribute that is only there when there is something to say. */
export const optional = (name: string, value: AttributeValue | undefined): Item =>
  value === undefined ? {} : { [name]: value }
