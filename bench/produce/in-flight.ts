/** Sends `count` times, with at most `atOnce` sends under way, and waits for all of them. */
export const sendInFlight = async (
  count: number,
  atOnce: number,
  send: (number: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < count) await send(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
}
