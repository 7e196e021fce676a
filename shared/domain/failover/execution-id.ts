/** An execution of a state machine: names are unique within one machine only. */
export interface ExecutionId {
  readonly region: string
  readonly machine: string
  readonly name: string
}

/** `<region>/<machine>/<name>`; AWS allows no slash in any of them. */
export const executionText = ({ region, machine, name }: ExecutionId): string => `${region}/${machine}/${name}`

/** Absent for what `executionText` never wrote. */
export const executionIn = (text: string): ExecutionId | undefined => {
  const [region, machine, name, ...others] = text.split('/')
  if (!region || !machine || !name || others.length > 0) return undefined
  return { region, machine, name }
}

export const isSameExecution = (one: ExecutionId, other: ExecutionId): boolean =>
  executionText(one) === executionText(other)
