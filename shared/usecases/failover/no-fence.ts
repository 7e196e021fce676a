import type { ClientSwitch, Fence, FenceAnswer } from './fence-ports.ts'

const NOTHING = 'nothing keeps applications from writing, as the topology says'

/** What a topology has to ask for by name: nobody is kept from writing. */
export const noFence: Fence = {
  name: 'none',
  apply: async () => ({ outcome: 'done', message: NOTHING, weaker: NOTHING }),
  prove: async () => ({ outcome: 'done', message: NOTHING, weaker: NOTHING }),
  lift: async () => ({ outcome: 'done', message: 'there is no fence' }),
}

export const noSwitch: ClientSwitch = {
  name: 'none',
  point: async (): Promise<FenceAnswer> => ({ outcome: 'done', message: 'clients are moved by whoever runs them' }),
}
