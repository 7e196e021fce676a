import { AlarmRule, AlarmState, AtLeastThreshold } from 'aws-cdk-lib/aws-cloudwatch'
import { describe, expect, it } from 'vitest'
import { alarmsOfRule, holds, parseAlarmRule } from '../../../../local/cloudwatch/alarm-rule.ts'
import type { AlarmState as State } from '../../../../local/cloudwatch/alarm-verdict.ts'

const STATES: Readonly<Record<string, State>> = { on: 'ALARM', off: 'OK', dark: 'INSUFFICIENT_DATA' }

const isTrue = (rule: string): boolean => holds(parseAlarmRule(rule), (alarm) => STATES[alarm] ?? 'OK')

describe('the rule of a composite alarm', () => {
  it.each([
    ['TRUE', true],
    ['FALSE', false],
    ['ALARM(on)', true],
    ['ALARM("off")', false],
    ['OK(off)', true],
    ['OK(dark)', false],
    ['INSUFFICIENT_DATA ("dark")', true],
    ['NOT ALARM(on)', false],
    ['NOT NOT ALARM(on)', true],
    ['ALARM(on) AND OK(off)', true],
    ['ALARM(on) AND NOT ALARM(dark)', true],
    ['ALARM(off) OR ALARM(dark) OR ALARM(on)', true],
    ['(ALARM(on) OR ALARM(off)) AND OK(on)', false],
    ['ALARM(on) OR (ALARM(off) AND OK(on))', true],
    ['AT_LEAST(2, ALARM, (on, off, dark))', false],
    ['AT_LEAST(2, NOT ALARM, ("on", "off", "dark"))', true],
    ['AT_LEAST(50%, OK, (on, off))', true],
    ['AT_LEAST(51%, OK, (on, off))', false],
  ])('is read: %s', (rule, expected) => {
    expect(isTrue(rule)).toBe(expected)
  })

  it('takes names as they are, and those at the end of ARNs', () => {
    const arn = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:west:alarm:lag'
    expect(alarmsOfRule(parseAlarmRule(`ALARM(${arn}) AND (NOT OK("with blanks, and (signs)"))`))).toEqual([
      'west:alarm:lag',
      'with blanks, and (signs)',
    ])
  })

  it('is read as CDK writes it', () => {
    const [on, off] = ['on', 'off'].map((name) => AlarmRule.fromString(`ALARM("${name}")`))
    if (on === undefined || off === undefined) throw new Error('two rules')
    const rule = AlarmRule.allOf(AlarmRule.anyOf(on, off), AlarmRule.not(off), AlarmRule.fromBoolean(true))
    expect(isTrue(rule.renderAlarmRule())).toBe(true)
    const operands = ['on', 'dark'].map((alarmArn) => ({ alarmArn, alarmName: alarmArn }))
    for (const [count, expected] of [
      [1, true],
      [2, false],
    ] as const) {
      const options = { operands: operands as never, threshold: AtLeastThreshold.count(count) }
      expect(isTrue(AlarmRule.atLeast(AlarmState.ALARM, options).renderAlarmRule())).toBe(expected)
    }
  })

  it.each(['', 'ALARM', 'ALARM()x', 'ALARM(on) ALARM(off)', '(TRUE', 'SOMETIMES(on)', 'AT_LEAST(1, MOSTLY, (on))'])(
    'is refused when it is none: %s',
    (rule) => {
      expect(() => parseAlarmRule(rule)).toThrow('reading the alarm rule')
    },
  )
})
