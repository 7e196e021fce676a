import { FakeClusterLayout } from '../../fakes/cluster-layout.ts'
import { describeClusterLayout } from '../../support/cluster-layout-contract.ts'

describeClusterLayout('a layout in memory', async () => {
  const layout = new FakeClusterLayout(['a', 'b', 'c'])
  return {
    layout,
    createTopic: async (topic, replicas) => layout.put(topic, ...replicas),
    kill: async (node) => layout.kill(node),
  }
})
