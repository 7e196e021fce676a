import type { Stopwatch } from '../stopwatch.ts'

/** A record as other clients take it, but for what each calls its parts. */
export interface EventRecord {
  readonly partition: number
  readonly value: Buffer
  readonly timestamp: number
}

interface Event {
  readonly records: Readonly<Record<string, readonly { partition: number; value: string; timestamp: number }[]>>
}

/** What anybody does who gets records from Lambda and gives them to a client: parse the event, decode the values. */
export const recordsOfEvent = (text: Buffer, parse: Stopwatch): EventRecord[] => {
  const { records }: Event = parse.measure(() => JSON.parse(text.toString('utf8')))
  return Object.values(records).flatMap((share) =>
    share.map(({ partition, value, timestamp }) => ({ partition, value: Buffer.from(value, 'base64'), timestamp })),
  )
}
