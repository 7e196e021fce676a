import type { SettingChange } from './topic-facts.ts'
import type { TopicStep } from './topic-step.ts'

const settingText = ({ name, value }: SettingChange): string =>
  value === undefined ? `${name} unset` : `${name}=${value}`

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** What a step does, for people, without its topic. */
export const stepText = (step: TopicStep): string => {
  switch (step.kind) {
    case 'record-lost':
      return `write into the gap ledger what went with its earlier life, ${counted(step.lives.length, 'partition')}`
    case 'create': {
      const { topic, partitions, replicationFactor, settings } = step.newTopic
      const set = [...settings].map(([name, value]) => settingText({ name, value }))
      const size = `${counted(partitions, 'partition')}, ${counted(replicationFactor, 'replica')}`
      return `create ${topic} on the target: ${size}, ${set.join(' ')}`
    }
    case 'grow':
      return `grow ${step.targetTopic} on the target from ${step.from} to ${counted(step.to, 'partition')}`
    case 'alter':
      return `set on ${step.targetTopic} on the target: ${step.changes.map(settingText).join(' ')}`
    case 'remove':
      return `remove ${step.targetTopic} from the target`
    case 'rewind-group':
      return `set its consumer group ${step.group} back to the beginning of ${counted(step.partitions.length, 'partition')}`
    case 'close-heads':
      return `close the offset map of its earlier life, ${counted(step.incarnations.size, 'partition')}, and begin anew`
    case 'hold-back':
      return 'remember that it begins anew, and is not consumed until then'
    case 'remember':
      return 'remember it as it is now'
    case 'create-mapping':
      return `make its event source mapping, ${step.enabled ? 'enabled' : 'disabled'}`
    case 'enable-mapping':
      return `enable its event source mapping ${step.id}`
    case 'disable-mapping':
      return `disable its event source mapping ${step.id}`
    case 'update-mapping':
      return `give its event source mapping ${step.id} the settings of the link`
    case 'remove-mapping':
      return `remove its event source mapping ${step.id}`
  }
}
