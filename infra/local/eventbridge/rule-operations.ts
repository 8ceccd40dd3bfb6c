import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Bus, Buses, Rule } from './buses.ts'
import { forCaller, notFound, validation, wording } from './errors.ts'
import type { Holdings } from './holdings.ts'
import { page } from './page.ts'

const MAX_RULES = 300
const MAX_TARGETS = 5
/** What PutRule sets; it leaves the targets as they are. */
const MEMBERS = ['Description', 'EventPattern', 'ScheduleExpression', 'State', 'RoleArn', 'Tags']

/** Rules and their targets. */
export function ruleOperations(buses: Buses, holdings: Holdings): Readonly<Record<string, Operation>> {
  const busOf = (input: Input): Bus => buses.get(input.optionalText('EventBusName'))
  const ruleOf = (input: Input, member: string): Rule => {
    const name = input.text(member)
    const rule = busOf(input).rules.get(name)
    if (!rule) throw notFound(`Rule ${name}`)
    return rule
  }
  const change = (rule: Rule, properties: Readonly<Record<string, unknown>>): Rule =>
    forCaller(() => holdings.changeRule(buses.get(rule.busName), rule.name, { ...rule.declared, ...properties }))

  return {
    ListRules: (input) => page(input, 'Rules', [...busOf(input).rules.values()], describeRule),
    DescribeRule(input) {
      const rule = ruleOf(input, 'Name')
      return { ...describeRule(rule), CreatedBy: rule.arn.split(':')[4] }
    },
    ListTargetsByRule: (input) => ({ Targets: ruleOf(input, 'Rule').targets.map(({ declared }) => declared) }),
    ListRuleNamesByTarget(input) {
      const targetArn = input.text('TargetArn')
      const rules = [...busOf(input).rules.values()].filter(({ targets }) =>
        targets.some(({ arn }) => arn === targetArn),
      )
      return { RuleNames: rules.map(({ name }) => name) }
    },
    PutRule(input) {
      const bus = busOf(input)
      const name = input.text('Name')
      if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
        throw wording.invalid('Name', 'it must be 1 to 64 of A-Z a-z 0-9 . - _')
      const existing = bus.rules.get(name)
      if (!existing && bus.rules.size >= MAX_RULES)
        throw new AwsError(
          'LimitExceededException',
          `The bus ${bus.name} has ${MAX_RULES} rules, the most that it takes.`,
        )
      const given = Object.fromEntries(
        MEMBERS.flatMap((member) => {
          const value = input.members[member] ?? undefined
          return value === undefined ? [] : [[member, value]]
        }),
      )
      const targets = existing?.targets.map(({ declared }) => declared) ?? []
      const rule = forCaller(() => holdings.changeRule(bus, name, { ...given, Targets: targets }))
      return { RuleArn: rule.arn }
    },
    PutTargets(input) {
      const rule = ruleOf(input, 'Rule')
      const given = input
        .inputs('Targets')
        .map((target) => ({ id: target.text('Id'), declared: withoutNulls(target.members) }))
      if (given.length === 0) throw wording.missing('Targets')
      const targets = new Map<string, unknown>(rule.targets.map(({ id, declared }) => [id, declared]))
      for (const { id, declared } of given) targets.set(id, declared)
      if (targets.size > MAX_TARGETS)
        throw new AwsError('LimitExceededException', `A rule has at most ${MAX_TARGETS} targets.`)
      change(rule, { Targets: [...targets.values()] })
      return { FailedEntryCount: 0, FailedEntries: [] }
    },
    RemoveTargets(input) {
      const rule = ruleOf(input, 'Rule')
      const ids = input.texts('Ids')
      if (ids.length === 0) throw wording.missing('Ids')
      const missing = ids.filter((id) => rule.targets.every((target) => target.id !== id))
      const rest = rule.targets.filter(({ id }) => !ids.includes(id)).map(({ declared }) => declared)
      change(rule, { Targets: rest })
      return {
        FailedEntryCount: missing.length,
        FailedEntries: missing.map((id) => ({
          TargetId: id,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${rule.name} has no target ${id}.`,
        })),
      }
    },
    EnableRule(input) {
      change(ruleOf(input, 'Name'), { State: 'ENABLED' })
      return {}
    },
    DisableRule(input) {
      change(ruleOf(input, 'Name'), { State: 'DISABLED' })
      return {}
    },
    DeleteRule(input) {
      const rule = busOf(input).rules.get(input.text('Name'))
      if (!rule) return {}
      if (rule.targets.length > 0) throw validation("Rule can't be deleted since it has targets.")
      holdings.deleteRule(rule)
      return {}
    },
  }
}

function describeRule(rule: Rule): object {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: rule.busName,
    Description: rule.description,
    EventPattern: rule.pattern?.json,
    ScheduleExpression: rule.schedule,
    State: rule.enabled ? 'ENABLED' : 'DISABLED',
  }
}

function withoutNulls(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}
