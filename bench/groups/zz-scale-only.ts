import { mkdtemp } from 'node:fs/promises'
import { startBenchCluster } from '/work/main/bench/bench-cluster.ts'
import { startDynamoDbLocal } from '/work/main/bench/dynamodb-local.ts'
import { bundleReplicator } from '/work/main/bench/replicator-bundle.ts'
import { copyScaleTopics, measureGroupScale } from '/work/main/bench/groups/group-scale.ts'
const folder = await mkdtemp('/tmp/twinshore-scale-')
const t = (w: string) => console.log(((performance.now()) / 1000).toFixed(1), w)
const bundle = await bundleReplicator(folder)
const source = await startBenchCluster('source', folder)
const target = await startBenchCluster('target', folder)
const state = await startDynamoDbLocal(folder)
t('up')
try {
  const course = { source, target, folder, say: console.log }
  const topics = await copyScaleTopics('many', course, { bundle, state })
  t('copied')
  for (const n of [50, 500]) { console.log(JSON.stringify(await measureGroupScale(n, topics, course, { bundle, state }), null, 1)); t('done') }
} finally { await state.stop(); await source.stop(); await target.stop() }
process.exit()
