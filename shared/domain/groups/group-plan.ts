/**
 * Why a position is not moved. `live`: the group has members on the target. `would-lower`: the target is past it, and the
 * source group was not rewound, or the link does not follow rewinds. `echo`: the link the other way published it on the
 * source, so that it is no news on the target. `unstable`: a transaction that would move it is open. `unmapped`: nothing is
 * replicated there yet, or another life of the topic. `unknown-way`: a link the other way may know better and cannot be
 * asked. `unnamed`: the group's name is too long to be remembered. `failed`: a cluster refused to tell.
 */
export type SkipReason =
  | 'live'
  | 'would-lower'
  | 'echo'
  | 'unstable'
  | 'unmapped'
  | 'unknown-way'
  | 'unnamed'
  | 'failed'
