/** How much goes into one request. */
export interface RequestLoad<Item> {
  readonly topics: number
  /** Every change of a topic is a record in the controller's log. */
  readonly records?: (item: Item) => number
}

/**
 * Kafka's controller takes at most 10,000 records for one request (`MAX_RECORDS_PER_USER_OP`) and refuses it whole when
 * they are more; a topic is one, and so is each of its partitions and settings.
 */
const RECORDS_PER_REQUEST = 5_000

/** Cuts a request into ones that a cluster takes; a topic that is too much for one of them goes alone. */
export const inRequests = <Item>(
  items: ReadonlyMap<string, Item>,
  { topics, records = () => 0 }: RequestLoad<Item>,
): ReadonlyMap<string, Item>[] => {
  const requests: Map<string, Item>[] = []
  let current = new Map<string, Item>()
  let load = 0
  for (const [topic, item] of items) {
    const more = records(item)
    if (current.size === 0 || current.size === topics || load + more > RECORDS_PER_REQUEST) {
      current = new Map()
      requests.push(current)
      load = 0
    }
    current.set(topic, item)
    load += more
  }
  return requests
}
