import type { ChoiceState, State, StateMachineDefinition, TaskState } from '../../infra/constructs/state-language.ts'

type Break = (machine: StateMachineDefinition) => StateMachineDefinition

const edited =
  (name: string, edit: (state: State) => State): Break =>
  (machine) => {
    const state = machine.States[name]
    if (state === undefined) throw new Error(`there is no state ${name} to break`)
    return { ...machine, States: { ...machine.States, [name]: edit(state) } }
  }

const choice = (state: State): ChoiceState => {
  if (state.Type !== 'Choice') throw new Error('only a choice has rules')
  return state
}

const task = (state: State): TaskState => {
  if (state.Type !== 'Task') throw new Error('only a task catches')
  return state
}

/** Where a step that is done leads to. */
const leads = (step: string, Next: string): Break =>
  edited(`${step} outcome`, (state) => {
    const [done, ...others] = choice(state).Choices
    if (done === undefined) throw new Error(`${step} has no outcome`)
    return { ...choice(state), Choices: [{ ...done, Next }, ...others] }
  })

/** Where a task that failed leads to. */
const catches = (name: string, Next: string): Break =>
  edited(name, (state) => ({ ...task(state), Catch: task(state).Catch.map((one) => ({ ...one, Next })) }))

const without = (name: string, rule: number): Break =>
  edited(name, (state) => ({ ...choice(state), Choices: choice(state).Choices.filter((_, index) => index !== rule) }))

const always = (name: string, rule: number): Break =>
  edited(name, (state) => ({
    ...choice(state),
    Choices: choice(state).Choices.map((one, index) => (index === rule ? { ...one, Condition: '{% true %}' } : one)),
  }))

const all =
  (...breaks: readonly Break[]): Break =>
  (machine) =>
    breaks.reduce((broken, one) => one(broken), machine)

/** A rollback or an answer of an operator that says nothing of how the execution ended. */
const forgetsEnding = (name: string, rule: number): Break =>
  edited(name, (state) => ({
    ...choice(state),
    Choices: choice(state).Choices.map((one, index) => (index === rule ? { ...one, Assign: {} } : one)),
  }))

/** Mistakes that somebody could make in the machine, each of which has to be found. */
export const BROKEN_MACHINES: Readonly<Record<string, Break>> = {
  'a proof that fails, and nobody minds': catches('Prove', 'Drain'),
  'a fence that fails, and nobody minds': catches('Fence', 'Prove'),
  'no proof': leads('Fence', 'Drain'),
  'no fence': leads('Preflight', 'Drain'),
  'a promotion before the link is stopped': all(
    leads('Groups', 'Boundary'),
    leads('Promote', 'Stop'),
    leads('Stop', 'Switch'),
  ),
  'no boundary': leads('Stop', 'Promote'),
  'clients that are moved before the promotion': all(leads('Boundary', 'Switch'), leads('Switch', 'Promote')),
  'a way back that begins while there is still a way there': all(leads('Groups', 'Reverse'), leads('Reverse', 'Stop')),
  'a gate that is open': always('Gate', 3),
  'a gate that looks at no check': without('Gate', 0),
  'an approval that nobody gave': catches('Approve', 'Fence'),
  'an approval of anything': always('Approve outcome', 0),
  'an approval without an end': always('Approve outcome', 1),
  'an approval that nobody writes down': edited('Approve outcome', (state) => ({
    ...choice(state),
    Choices: choice(state).Choices.map((one, index) => (index === 0 ? { ...one, Next: 'Fence' } : one)),
  })),
  'an approval that could not be written down, and nobody minds': catches('Approved', 'Fence'),
  'a drain that fails, and nothing is put back': catches('Drain', 'Report'),
  'a promotion that fails, and goes on': catches('Promote', 'Switch'),
  'clients that could not be moved, and nobody is told': catches('Switch', 'Verify'),
  'a lock that is kept': leads('Report', 'End'),
  'a failover that is noted as a drill': leads('Release', 'Drilled'),
  'a drill that practises what it has nothing to practise for': without('Validated', 0),
  'a drill that nobody notes': leads('Release', 'End'),
  'patience without an end': edited('Drain outcome', (state) => {
    const { Choices, ...rest } = choice(state)
    return {
      ...rest,
      Choices: Choices.map((one, index) => (index === 1 ? { ...one, Condition: "{% $outcome = 'again' %}" } : one)),
    }
  }),
  'no patience at all': without('Stop outcome', 1),
  'a hold that nobody hears of': catches('HoldForOperator', 'Release'),
  'an operator whose end is a success': forgetsEnding('HoldForOperator outcome', 7),
  'a rollback that calls itself a success': forgetsEnding('Rollback outcome', 0),
  'a variable that nobody has set': edited('Gate', (state) => ({
    ...choice(state),
    Choices: [{ Condition: '{% $passd != true %}', Next: 'Rollback' }, ...choice(state).Choices.slice(1)],
  })),
}
