import { activeActive } from './active-active.ts'
import { drill } from './drill.ts'
import { failback } from './failback.ts'
import { failoverPlanned } from './failover-planned.ts'
import { failoverScrape } from './failover-scrape.ts'
import { failoverUnplanned } from './failover-unplanned.ts'
import { groups } from './groups.ts'
import { hubAndSpoke } from './hub-and-spoke.ts'
import { lag } from './lag.ts'
import { replicate } from './replicate.ts'
import type { Scenario } from './scenario.ts'
import { topics } from './topics.ts'

/** In the order of `--list`; the first one runs when none is named. */
export const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  replicate,
  topics,
  groups,
  activeActive,
  hubAndSpoke,
  lag,
  failoverPlanned,
  failoverUnplanned,
  failoverScrape,
  failback,
  drill,
]
