import type { StepRecord } from '../shared/domain/failover/failover-step.ts'
import type { Question } from '../shared/domain/failover/question.ts'
import { timeText } from '../shared/domain/failover/report-text.ts'
import type { HoldAnswer } from '../shared/domain/failover/step-call.ts'
import type { MachineDesk } from '../shared/usecases/failover/desk-ports.ts'
import type { Deadline } from '../shared/usecases/ports.ts'
import { preflightIn } from './failover-follow.ts'
import { describePreflight } from './failover-text.ts'
import type { Prompt } from './prompt.ts'
import { red } from './terminal.ts'

export interface AnswerDeps {
  readonly machine: Pick<MachineDesk, 'answer' | 'refuse'>
  readonly prompt: Prompt
  readonly by: () => string
  /** The hash of the preflight that somebody has read. */
  readonly yes: string | undefined
  /** What is answered when it is held; given once. */
  readonly held: HoldAnswer['do'] | undefined
  /** The command that follows it, for whoever is asked to call it with more. */
  readonly again: string
  readonly note: (text: string) => void
  readonly deadline: () => Deadline & { end(): void }
  readonly left: AbortSignal
}

/** Answers what an execution asks, as was said beforehand or as somebody says now; nobody is taken to have said yes. */
export const answerer = (deps: AnswerDeps): ((question: Question, records: readonly StepRecord[]) => Promise<void>) => {
  let { held } = deps
  return async (question, records) => {
    if (question.kind === 'approve') return await approve(question, records, deps)
    const answer = held ?? (await askHold(question, deps))
    held = undefined
    if (answer !== undefined) await send(question, { do: answer, by: deps.by() }, deps)
  }
}

const approve = async (question: Question, records: readonly StepRecord[], deps: AnswerDeps): Promise<void> => {
  const { prompt, by, yes, note, again, left } = deps
  const preflight = preflightIn(records)
  if (preflight === undefined || preflight.hash !== question.hash) return note('the preflight is being made anew')
  const { hash, report } = preflight
  note(`\n${describePreflight(report, hash)}\n`)
  if (yes === hash) return await send(question, { hash, by: by() }, deps)
  if (yes !== undefined) note(red(`--yes is for another preflight, ${yes}`))
  const until = timeText(question.expiresAt)
  if (!prompt.interactive) return note(`waits until ${until} for an approval; to give it:\n  ${again} --yes ${hash}`)
  const asked = `type ${hash.slice(0, SHORT)} to go on, or no to give it up (until ${until}): `
  const name = by()
  const said = await repeated(asked, (text) => text === hash.slice(0, SHORT) || text === hash || text === 'no', deps)
  if (said === undefined || left.aborted) return
  if (said !== 'no') return await send(question, { hash, by: name }, deps)
  await within(deps, (deadline) => deps.machine.refuse(question.token, { by: name, because: 'not approved' }, deadline))
}

const SHORT = 8
const ASKED = 5

const repeated = async (
  question: string,
  isOne: (text: string) => boolean,
  { prompt, note, left }: AnswerDeps,
): Promise<string | undefined> => {
  for (let times = 0; times < ASKED && !left.aborted; times++) {
    const text = await prompt.ask(question, left)
    if (isOne(text)) return text
  }
  note('nobody has answered; it goes on waiting')
  return undefined
}

const ANSWERS = ['retry', 'rollback', 'end'] as const

const askHold = async (
  { because = '', expiresAt }: Question,
  deps: AnswerDeps,
): Promise<HoldAnswer['do'] | undefined> => {
  const { prompt, note, again } = deps
  note(`\n${red('held for an operator')}: ${because}`)
  if (!prompt.interactive) {
    const ways = ['--retry', '--end'].map((flag) => `  ${again.replace('--follow', flag)}`)
    note(
      `waits until ${timeText(expiresAt)}; when what it says is mended, retry; or end it as it is:\n${ways.join('\n')}`,
    )
    return undefined
  }
  deps.by()
  const asked = 'type retry when what it says is mended, end to leave all as it is, or rollback (of promote alone): '
  const said = await repeated(asked, (text) => ANSWERS.some((one) => one === text), deps)
  return ANSWERS.find((one) => one === said)
}

const send = async (
  { token }: Question,
  answer: Parameters<MachineDesk['answer']>[1],
  deps: AnswerDeps,
): Promise<void> => {
  const outcome = await within(deps, (deadline) => deps.machine.answer(token, answer, deadline))
  if (outcome === 'late') deps.note('somebody else has answered, or it is too late')
}

const within = async <Result>(
  { deadline }: AnswerDeps,
  act: (deadline: Deadline) => Promise<Result>,
): Promise<Result> => {
  const running = deadline()
  try {
    return await act(running)
  } finally {
    running.end()
  }
}
