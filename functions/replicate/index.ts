export const handler = async (): Promise<void> => {
  throw new Error('the replicate function is not wired yet')
}
