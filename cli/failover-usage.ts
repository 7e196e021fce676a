const FLAGS = `  --to CLUSTER      where to go (default: the cluster that is not active)
  --reason TEXT     why, for the report; needed unless it only looks
  --by NAME         who asks and answers (default: the name of your login)
  --dry-run         only the preflight: prints every check, and the hash by which it is approved
  --yes HASH        approved beforehand, as long as the preflight still says what --dry-run printed
  --positions P     where consumer groups resume: mapped (default), earliest, latest, or a time as 2026-05-03T10:00:00Z
  --lag-records N, --lag-seconds N, --lost-records N
                    what may be, instead of what the topology says
  --force           goes on without checks that allow it, with a --reason
  --follow [EXECUTION]      shows one that runs, or ran, and brings its questions to you (default: the newest)
  --retry [EXECUTION]       held: what it says is mended, the step is tried again
  --roll-back [EXECUTION]   held before it was promoted: puts everything back
  --end [EXECUTION]         held: leaves everything as it is, and ends
  --topology NAME   the file in infra/topologies/ (default: local)
  --json            one JSON document on standard output

Ctrl-C ends the looking; the failover goes on. Exit codes: 0 it is done (a dry run: the preflight passes), 1 it is not.`

export const FAILOVER_USAGE = `twinshore failover <pair> [--unplanned] [--tail CHOICE] [options]

Moves the business to the other cluster of a pair: fences the active one, drains it, puts consumer groups in place,
promotes the other one and points clients to it. Shows the steps as they go; asks before anything is changed, unless the
topology says otherwise; tells at its end what was lost, how long it took, and how to go back.

  --unplanned       the active cluster is gone: what it took and the other one never got is lost, and counted when it
                    comes back
  --tail CHOICE     unplanned: what becomes of these records then: export (default; twinshore tail reads them), merge,
                    discard, or scrape: as export, then the old cluster's replicated topics are EMPTIED and filled again
                    from the new one
${FLAGS}

Examples
  npx twinshore failover west-east --dry-run
  npx twinshore failover west-east --reason 'maintenance of the west' --topology self-managed-pair
  npx twinshore failover west-east --unplanned --to east --reason 'the west is gone' --lost-records 500
  npx twinshore failover west-east --follow failover-20260503T100000Z-1a2b3c4d
  npx twinshore failover west-east --retry failover-20260503T100000Z-1a2b3c4d`

export const FAILBACK_USAGE = `twinshore failback <pair> [options]

Moves the business back: a planned failover in the other direction, once what the last one owes is settled.

${FLAGS}

Examples
  npx twinshore failback west-east --dry-run
  npx twinshore failback west-east --reason 'the west is well again'`

export const DRILL_USAGE = `twinshore drill <pair> [options]

Rehearses a failover on the real clusters and changes nothing: the real preflight, the real translation of positions, read
on both clusters, and how long each step takes. Nobody is asked. A drill --to the cluster that is active rests: it practises
nothing, says so, and ends with 0.

${FLAGS}

Examples
  npx twinshore drill west-east
  npx twinshore drill west-east --to west --json`
