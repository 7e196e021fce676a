/** Where the state machine notes a drill that went well, in the table of its link: it may write nothing else there. */
export const DRILL_KEY = { pk: 'DRILL', sk: 'last' } as const
