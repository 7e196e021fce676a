interface Named {
  readonly installation: string
  readonly name: string
}

/** Every resource of a link in AWS has these two; stacks give them to whatever they make. */
export const INSTALLATION_TAG = 'twinshore:installation'
export const LINK_TAG = 'twinshore:link'
const MADE_BY_TAG = 'twinshore:made-by'
const RUN_TIME = 'run-time'

type Tags = Readonly<Record<string, string>>

/** What a mapping is tagged with that was made at run time, so that it is known from one of the stack. */
export const runTimeTags = ({ installation, name }: Named): Record<string, string> => ({
  [INSTALLATION_TAG]: installation,
  [LINK_TAG]: name,
  [MADE_BY_TAG]: RUN_TIME,
})

/** Whether the link itself made the mapping, and so may remove it. */
export const isMadeAtRunTime = (tags: Tags, link: Named): boolean =>
  Object.entries(runTimeTags(link)).every(([name, value]) => tags[name] === value)
