import { isRecord } from './template.ts'

/** What the intrinsic functions of one stack may ask for; each method throws a sentence where it has no answer. */
export interface Scope {
  /** `Ref` of a parameter, a pseudo parameter or a resource; `noValue` for `AWS::NoValue`. */
  ref(name: string): unknown
  getAtt(logicalId: string, attribute: string): unknown
  condition(name: string): boolean
  findInMap(map: string, first: string, second: string): unknown
  importValue(exportName: string): unknown
  stackOutput(stackName: string, outputName: string): unknown
}

/** What `Ref: AWS::NoValue` answers: the property that holds it is taken away. */
export const noValue: unique symbol = Symbol('AWS::NoValue')

type Evaluate = (argument: unknown, scope: Scope) => unknown

const functions: Readonly<Record<string, Evaluate>> = {
  Ref: (name, scope) => scope.ref(text(name, 'Ref')),
  Condition: (name, scope) => scope.condition(text(name, 'Condition')),

  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument, 'Fn::GetAtt')
    return scope.getAtt(
      text(logicalId, 'Fn::GetAtt'),
      attribute.map((part) => string(resolve(part, scope), 'Fn::GetAtt')).join('.'),
    )
  },

  'Fn::Sub': (argument, scope) => {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}]
    const own = isRecord(variables) ? variables : {}
    return text(template, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`
      const key = name.trim()
      if (Object.hasOwn(own, key)) return string(resolve(own[key], scope), `Fn::Sub \${${key}}`)
      const dot = key.indexOf('.')
      const value = dot < 0 ? scope.ref(key) : scope.getAtt(key.slice(0, dot), key.slice(dot + 1))
      return string(value, `Fn::Sub \${${key}}`)
    })
  },

  'Fn::Join': (argument, scope) => {
    const [delimiter, values] = list(argument, 'Fn::Join')
    const parts = list(resolve(values, scope), 'Fn::Join')
    return parts.map((part) => string(part, 'Fn::Join')).join(text(delimiter, 'Fn::Join'))
  },

  'Fn::Select': (argument, scope) => {
    const [index, values] = list(argument, 'Fn::Select')
    const items = list(resolve(values, scope), 'Fn::Select')
    const item = items[Number(resolve(index, scope))]
    if (item === undefined) throw new Error(`Fn::Select asks for item ${index} of ${items.length}`)
    return item
  },

  'Fn::Split': (argument, scope) => {
    const [delimiter, value] = list(argument, 'Fn::Split')
    return string(resolve(value, scope), 'Fn::Split').split(text(delimiter, 'Fn::Split'))
  },

  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = list(argument, 'Fn::If')
    return resolve(scope.condition(text(condition, 'Fn::If')) ? whenTrue : whenFalse, scope)
  },

  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(argument, 'Fn::Equals').map((side) => resolve(side, scope))
    return String(left) === String(right)
  },
  'Fn::And': (argument, scope) => list(argument, 'Fn::And').every((term) => resolve(term, scope) === true),
  'Fn::Or': (argument, scope) => list(argument, 'Fn::Or').some((term) => resolve(term, scope) === true),
  'Fn::Not': (argument, scope) => resolve(list(argument, 'Fn::Not')[0], scope) !== true,

  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(argument, 'Fn::FindInMap').map((key) =>
      string(resolve(key, scope), 'Fn::FindInMap'),
    )
    return scope.findInMap(map ?? '', first ?? '', second ?? '')
  },

  'Fn::Base64': (argument, scope) => Buffer.from(string(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::ImportValue': (argument, scope) => scope.importValue(string(resolve(argument, scope), 'Fn::ImportValue')),

  // The weak reference of one stack to another's output. Its region and role say where a deployment finds it.
  'Fn::GetStackOutput': (argument, scope) => {
    const { StackName, OutputName } = isRecord(argument) ? argument : { StackName: undefined, OutputName: undefined }
    return scope.stackOutput(
      string(resolve(StackName, scope), 'Fn::GetStackOutput'),
      string(resolve(OutputName, scope), 'Fn::GetStackOutput'),
    )
  },
}

/**
 * A template's value with every intrinsic function answered; members that are `AWS::NoValue` are left out.
 * @throws Error with a sentence where a function is unknown or has no answer.
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue)
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw new Error(`the dynamic reference ${value} is read by a deployment only; give the value as a parameter`)
  }
  if (!isRecord(value)) return value

  const [name, ...others] = Object.keys(value)
  if (name !== undefined && others.length === 0 && isIntrinsic(name, value[name])) {
    const evaluate = functions[name]
    if (!evaluate) {
      throw new Error(`${name} is not evaluated here; allowed: ${Object.keys(functions).join(', ')}`)
    }
    return evaluate(value[name], scope)
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]): [string, unknown] => [key, resolve(member, scope)])
      .filter(([, member]) => member !== noValue),
  )
}

// `Condition` is a function only where it names one: policy statements have a member of that name, an object.
function isIntrinsic(name: string, argument: unknown): boolean {
  return name.startsWith('Fn::') || name === 'Ref' || (name === 'Condition' && typeof argument === 'string')
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} needs a list, not ${JSON.stringify(value)}`)
  return value
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} needs a string, not ${JSON.stringify(value)}`)
  return value
}

function string(value: unknown, where: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return text(value, where)
}
