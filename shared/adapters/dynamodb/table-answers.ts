import { asStateError } from './state-errors.ts'
import type { Item } from './stored-item.ts'
import { TableRefusal } from './table-requests.ts'

/** What a conditional write met: it was done, or the condition does not hold for what is stored. */
export type WriteOutcome = { readonly written: true } | { readonly written: false; readonly stored: Item | undefined }

/** `guarded`: whether the guard held. `stored`: what the condition of the item itself met, where that did not hold. */
export type GuardedOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly guarded: boolean; readonly stored: Item | undefined }

/** What was asked for, or one of our errors. */
export const mapped = async <Answer>(answer: Promise<Answer>, doing: string): Promise<Answer> => {
  try {
    return await answer
  } catch (error) {
    throw asStateError(error, doing)
  }
}

export const written = async (answer: Promise<unknown>, doing: string): Promise<WriteOutcome> => {
  try {
    await answer
    return { written: true }
  } catch (error) {
    if (error instanceof TableRefusal && error.name === 'ConditionalCheckFailedException')
      return { written: false, stored: error.item }
    throw asStateError(error, doing)
  }
}

const CONDITION_FAILED = 'ConditionalCheckFailed'

export const guarded = async (answer: Promise<unknown>, doing: string): Promise<GuardedOutcome> => {
  try {
    await answer
    return { written: true }
  } catch (error) {
    const [item, guard] = error instanceof TableRefusal ? error.reasons : []
    const failed = [item, guard].map((reason) => reason?.Code === CONDITION_FAILED)
    if (!failed.includes(true)) throw asStateError(error, doing)
    return { written: false, guarded: !failed[1], stored: item?.Item }
  }
}
