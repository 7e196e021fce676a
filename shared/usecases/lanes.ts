/**
 * Does `act` with each item, at most so many at a time. A thousand requests at once would wait for each other's
 * connections for so long that they are given up and sent again. `act` must not throw.
 */
export const inLanes = async <Item>(
  items: readonly Item[],
  lanes: number,
  act: (item: Item) => Promise<void>,
): Promise<void> => {
  const rest = items.values()
  const lane = async (): Promise<void> => {
    for (const item of rest) await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
}
