import { Hash64 } from './hash64.ts'
import type { PolledHeader, PolledRecord } from './record.ts'

export const PROVENANCE_HEADER = 'twinshore-provenance'

/** One copying of records; clusters by `cluster.id`, topics by their names on either side. */
export interface Hop {
  readonly source: string
  readonly target: string
  readonly sourceTopic: string
  readonly targetTopic: string
  readonly partition: number
}

/** What became of the records of a batch; offsets are those of the source. */
export interface Sifted {
  /** To be appended, in order, each with its provenance. */
  readonly onward: readonly PolledRecord[]
  /** Offsets of those that have been on the target already, or came from there. */
  readonly looped: readonly number[]
  /** How many go on although they bear a provenance header: it is malformed, or was copied from another record. */
  readonly untrusted: number
}

/** Where a record was first written, and which clusters it was copied from since; in the spelling of the header. */
interface Provenance {
  readonly origin: string
  readonly hops: readonly string[]
}

/**
 *   1;<origin>;<hop>,<hop>;<digest>
 *
 * Cluster ids are percent-encoded, so that none holds a separator.
 */
const HEADER = /^1;([^;,\s]+);((?:[^;,\s]+(?:,[^;,\s]+)*)?);([0-9a-f]{16})$/
/** Far more than any chain of clusters needs. */
const LONGEST_BYTES = 2_048

/**
 * Keeps back the records that come from the target, and writes into all others where they come from. An application that
 * copies headers from one record to another copies ours too, and its new record must not be taken for the old one: so the
 * header holds for the record alone that it was made for. `appendedAs`: what may be added behind the headers of those that
 * go on. `refillBelow`: the target was emptied, so that what lies below it goes back there; a link that
 * leads here again knows it by where it was on the way.
 */
export const sift = (
  records: readonly PolledRecord[],
  hop: Hop,
  appendedAs: (record: PolledRecord) => PolledRecord = (record) => record,
  refillBelow = 0n,
): Sifted => {
  const [source, target] = [encodeURIComponent(hop.source), encodeURIComponent(hop.target)]
  const onward: PolledRecord[] = []
  const looped: number[] = []
  let untrusted = 0
  for (const record of records) {
    const found = provenanceOf(record, hop.sourceTopic, hop.partition)
    const known = found.provenance
    const isFromTarget = known !== undefined && (known.origin === target || known.hops.includes(target))
    if (isFromTarget && record.offset >= refillBelow) looped.push(record.offset)
    else onward.push(withProvenance(appendedAs(record), found.at, extended(known, source), hop))
    if (known === undefined && found.present) untrusted++
  }
  return { onward, looped, untrusted }
}

/** The source is the origin of what it knows no origin of. */
const extended = (known: Provenance | undefined, source: string): Provenance => {
  if (known === undefined) return { origin: source, hops: [] }
  return known.origin === source || known.hops.includes(source) ? known : { ...known, hops: [...known.hops, source] }
}

interface Found {
  readonly provenance?: Provenance
  /** The header of ours to replace, whether it holds for this record or was copied from another one. */
  readonly at?: number
  /** Whether any header bears the name. */
  readonly present: boolean
}

const provenanceOf = (record: PolledRecord, topic: string, partition: number): Found => {
  const named = [...record.headers.keys()].filter((at) => record.headers[at]?.name === PROVENANCE_HEADER)
  if (named.length === 0) return { present: false }
  const digest = digestOf(record, topic, partition)
  const ours = named.flatMap((at) => {
    const parsed = parse(record.headers[at])
    return parsed === undefined ? [] : [{ at, ...parsed }]
  })
  const bound = ours.find((header) => header.digest === digest)
  if (bound !== undefined) return { provenance: bound, at: bound.at, present: true }
  const [copied] = ours
  return { present: true, ...(copied !== undefined && { at: copied.at }) }
}

/** Whether the value of a header of that name is one that we write; `text`: a character for each byte. */
export const isProvenanceText = (text: string): boolean => text.length <= LONGEST_BYTES && HEADER.test(text)

const parse = (header: PolledHeader | undefined): (Provenance & { readonly digest: string }) | undefined => {
  const value = header?.value ?? []
  if (value.length > LONGEST_BYTES) return undefined
  const [, origin, hops, digest] = HEADER.exec(String.fromCharCode(...value.map((byte) => byte & 255))) ?? []
  if (origin === undefined || hops === undefined || digest === undefined) return undefined
  return { origin, hops: hops === '' ? [] : hops.split(','), digest }
}

const withProvenance = (
  record: PolledRecord,
  at: number | undefined,
  { origin, hops }: Provenance,
  { targetTopic, partition }: Hop,
): PolledRecord => {
  const text = `1;${origin};${hops.join(',')};${digestOf(record, targetTopic, partition)}`
  const header = { name: PROVENANCE_HEADER, value: Array.from(text, (letter) => letter.charCodeAt(0)) }
  const { headers } = record
  return { ...record, headers: at === undefined ? [...headers, header] : headers.with(at, header) }
}

/**
 * Of all that a copy has in common with its record, and that an application which makes another record of it changes. Not
 * of the timestamp, which a topic may set itself (`LogAppendTime`): the copies of copies would then go round for ever.
 */
const digestOf = ({ key, value, headers }: PolledRecord, topic: string, partition: number): string => {
  const hash = new Hash64().text(`${topic} ${partition} ${lengthOf(key)} ${lengthOf(value)} `)
  hash.text(key ?? '').text(value ?? '')
  for (const header of headers) {
    if (header.name === PROVENANCE_HEADER) continue
    hash.text(` ${header.name.length} ${lengthOf(header.value)} ${header.name}`).bytes(header.value ?? [])
  }
  return hash.hex
}

const lengthOf = (content: { readonly length: number } | null): string =>
  content === null ? 'null' : `${content.length}`
