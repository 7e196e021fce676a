import type { AclBinding } from '../../../domain/access/acl-binding.ts'
import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

type Numbers<Word extends string> = Readonly<Record<Exclude<Word, 'unknown'>, number>>

/** How Kafka numbers what an ACL is made of; 0 is unknown and 1 is any, everywhere. */
const RESOURCES: Numbers<AclBinding['resource']> = {
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
  'delegation-token': 6,
  user: 7,
}
const PATTERNS: Numbers<AclBinding['pattern']> = { literal: 3, prefixed: 4 }
const PERMISSIONS: Numbers<AclBinding['permission']> = { deny: 2, allow: 3 }
const OPERATIONS: Numbers<AclBinding['operation']> = {
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  'cluster-action': 9,
  'describe-configs': 10,
  'alter-configs': 11,
  'idempotent-write': 12,
  'create-tokens': 13,
  'describe-tokens': 14,
  'two-phase-commit': 15,
}

/** Matches everything of a kind, in filters. */
export const ANY = 1

const numberOf = <Word extends string>(numbers: Readonly<Record<string, number>>, word: Word): number => {
  const number = numbers[word]
  if (number === undefined) throw new TypeError(`an ACL with ${word} cannot be sent`)
  return number
}

const wordOf = <Word extends string>(numbers: Numbers<Word>, number: number): Word | 'unknown' => {
  const words = Object.keys(numbers) as Exclude<Word, 'unknown'>[]
  return words.find((word) => numbers[word] === number) ?? 'unknown'
}

/** As creations and filters write it; as a filter it is that very ACL and no other. */
export const writeBinding = (writer: RequestWriter, binding: AclBinding): RequestWriter =>
  writer
    .int8(numberOf(RESOURCES, binding.resource))
    .string(binding.name)
    .int8(numberOf(PATTERNS, binding.pattern))
    .string(binding.principal)
    .string(binding.host)
    .int8(numberOf(OPERATIONS, binding.operation))
    .int8(numberOf(PERMISSIONS, binding.permission))

type Place = Pick<AclBinding, 'resource' | 'pattern' | 'name'>

export const readPlace = (reader: ResponseReader): Place => ({
  resource: wordOf<AclBinding['resource']>(RESOURCES, reader.int8()),
  name: reader.string() ?? '',
  pattern: wordOf<AclBinding['pattern']>(PATTERNS, reader.int8()),
})

export const readEntry = (reader: ResponseReader): Omit<AclBinding, keyof Place> => ({
  principal: reader.string() ?? '',
  host: reader.string() ?? '',
  operation: wordOf<AclBinding['operation']>(OPERATIONS, reader.int8()),
  permission: wordOf<AclBinding['permission']>(PERMISSIONS, reader.int8()),
})
