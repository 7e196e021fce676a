/** The steps in which a world comes up, in order; the second and the third run side by side. */
export const WORLD_STEPS = {
  prerequisites: 'Java, Maven and Python are there',
  clusters: 'the Kafka clusters are up',
  aws: 'a local AWS is up',
  stacks: 'the stacks are deployed',
  pollers: 'the pollers read their sources',
} as const

export type WorldStep = keyof typeof WORLD_STEPS

export type WorldProgress = (
  step: WorldStep,
  what: { readonly kind: 'begun' | 'done' } | { readonly kind: 'says'; readonly line: string },
) => void

/** One line for each step that is done, and what was said meanwhile. */
export const tellStderr: WorldProgress = (step, what) => {
  if (what.kind === 'says') process.stderr.write(`  ${what.line}\n`)
  if (what.kind === 'done') process.stderr.write(`${WORLD_STEPS[step]}\n`)
}
