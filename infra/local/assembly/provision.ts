import type { Provisioned, Provisioner } from '../cloud.ts'
import { noValue, resolve, type Scope } from './intrinsics.ts'
import { AssemblyError, type Problem, type Stack, type TemplateResource } from './template.ts'

export interface ProvisionOptions {
  readonly region: string
  readonly accountId: string
  /** Who makes resources, by their type; a type that is not here stops the start. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /**
   * Has the last word on each string that a template puts together, so that `https://<api>.execute-api.…` can
   * become the address under which it answers here.
   */
  readonly rewrite?: (text: string) => string
}

export interface ProvisionedResource extends Provisioned {
  readonly stack: string
  readonly logicalId: string
  readonly type: string
}

export interface ProvisionedAssembly {
  /** In the order in which they were made. */
  readonly resources: readonly ProvisionedResource[]
  /** By stack, then by the output's name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/**
 * Makes every resource of the stacks, each after those that it refers to, across stacks too.
 * All stacks share the one region and account given, whatever environment they were synthesized for.
 * @throws AssemblyError with every problem found, after all that could be made has been tried.
 */
export function provision(stacks: readonly Stack[], options: ProvisionOptions): ProvisionedAssembly {
  return new Provisioning(stacks, options).run()
}

/** Thrown by what refers to something broken that has been reported already. */
class Unavailable extends Error {}

type Made<T> = { readonly value: T } | { readonly broken: true }

class Provisioning {
  readonly #stacks: readonly Stack[]
  readonly #options: ProvisionOptions
  readonly #resources = new Map<string, Made<ProvisionedResource>>()
  readonly #outputs = new Map<string, Made<string>>()
  readonly #conditions = new Map<string, boolean>()
  /** What is being made right now, outermost first: meeting one of them again is a cycle. */
  readonly #underway: string[] = []
  readonly #problems: Problem[] = []

  constructor(stacks: readonly Stack[], options: ProvisionOptions) {
    this.#stacks = stacks
    this.#options = options
  }

  run(): ProvisionedAssembly {
    const outputs: Record<string, Record<string, string>> = {}
    for (const stack of this.#stacks) {
      for (const logicalId of Object.keys(stack.template.Resources ?? {})) {
        this.#attempt(stack, logicalId, () => this.#exists(stack, logicalId) && this.#resource(stack, logicalId))
      }
      const resolved: Record<string, string> = {}
      for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
        this.#attempt(stack, name, () => {
          if (output.Condition !== undefined && !this.#condition(stack, output.Condition)) return
          resolved[name] = this.#output(stack, name)
        })
      }
      outputs[stack.name] = resolved
    }
    if (this.#problems.length > 0) throw new AssemblyError(this.#problems)
    const resources = [...this.#resources.values()].flatMap((made) => ('value' in made ? [made.value] : []))
    return { resources, outputs }
  }

  #attempt(stack: Stack, at: string, work: () => unknown): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Unavailable)) this.#problems.push({ stack: stack.name, at, message: message(error) })
    }
  }

  #resource(stack: Stack, logicalId: string): ProvisionedResource {
    const declaration = stack.template.Resources?.[logicalId]
    if (!declaration) throw new Error(`${logicalId} is not a resource of stack ${stack.name}`)
    if (!this.#exists(stack, logicalId)) {
      throw new Error(`${logicalId} does not exist, for its condition ${declaration.Condition} is false`)
    }
    return this.#once(this.#resources, stack, logicalId, declaration.Type, (report) =>
      this.#make(stack, logicalId, declaration, report),
    )
  }

  #make(stack: Stack, logicalId: string, declaration: TemplateResource, report: Report): ProvisionedResource {
    const type = declaration.Type
    for (const dependency of [declaration.DependsOn ?? []].flat()) {
      // A dependency whose condition is false is dropped, as CloudFormation does.
      if (!stack.template.Resources?.[dependency] || this.#exists(stack, dependency)) this.#resource(stack, dependency)
    }
    const scope = this.#scope(stack)
    const properties: Record<string, unknown> = {}
    let complete = true
    for (const [name, raw] of Object.entries(declaration.Properties ?? {})) {
      try {
        const value = this.#rewrite(resolve(raw, scope))
        if (value !== noValue) properties[name] = value
      } catch (error) {
        complete = false
        if (!(error instanceof Unavailable)) report(`${name}: ${message(error)}`)
      }
    }
    const provisioner = this.#options.provisioners[type]
    if (!provisioner) throw new Error(explainUnknownType(type, Object.keys(this.#options.provisioners)))
    if (!complete) throw new Unavailable()
    const generatedName = `${stack.name}-${logicalId}`
    const provisioned = provisioner({ stack: stack.name, logicalId, type, properties, generatedName })
    return { stack: stack.name, logicalId, type, ...provisioned }
  }

  #output(stack: Stack, name: string): string {
    const output = stack.template.Outputs?.[name]
    if (!output) throw new Error(`stack ${stack.name} has no output ${name}`)
    return this.#once(this.#outputs, stack, `Outputs.${name}`, undefined, () => {
      const value = this.#rewrite(resolve(output.Value, this.#scope(stack)))
      return Array.isArray(value) ? value.join(',') : String(value)
    })
  }

  /** Makes a thing when it is first asked for; reports what is wrong with it once, however many refer to it. */
  #once<T>(
    made: Map<string, Made<T>>,
    stack: Stack,
    at: string,
    type: string | undefined,
    make: (report: Report) => T,
  ): T {
    const name = `${stack.name}/${at}`
    const known = made.get(name)
    if (known) {
      if ('broken' in known) throw new Unavailable()
      return known.value
    }
    const start = this.#underway.indexOf(name)
    if (start >= 0) throw new Error(`it depends on itself: ${[...this.#underway.slice(start), name].join(' → ')}`)

    const report: Report = (text) => {
      this.#problems.push({ stack: stack.name, at, ...(type === undefined ? {} : { type }), message: text })
    }
    this.#underway.push(name)
    try {
      const value = make(report)
      made.set(name, { value })
      return value
    } catch (error) {
      made.set(name, { broken: true })
      if (!(error instanceof Unavailable)) report(message(error))
      throw new Unavailable()
    } finally {
      this.#underway.pop()
    }
  }

  #exists(stack: Stack, logicalId: string): boolean {
    const condition = stack.template.Resources?.[logicalId]?.Condition
    return condition === undefined || this.#condition(stack, condition)
  }

  #condition(stack: Stack, name: string): boolean {
    const key = `${stack.name}/${name}`
    const known = this.#conditions.get(key)
    if (known !== undefined) return known
    const expression = stack.template.Conditions?.[name]
    if (expression === undefined) throw new Error(`condition ${name} is not declared`)
    const value = resolve(expression, this.#scope(stack)) === true
    this.#conditions.set(key, value)
    return value
  }

  #scope(stack: Stack): Scope {
    return {
      ref: (name) => this.#ref(stack, name),
      getAtt: (logicalId, attribute) => {
        const { attributes, type } = this.#resource(stack, logicalId)
        const value = attributes[attribute]
        if (value === undefined) {
          const allowed = Object.keys(attributes).join(', ') || 'none'
          throw new Error(
            `Fn::GetAtt ${logicalId}.${attribute}: ${type} has no such attribute here; allowed: ${allowed}`,
          )
        }
        return value
      },
      condition: (name) => this.#condition(stack, name),
      findInMap: (map, first, second) => {
        const value = stack.template.Mappings?.[map]?.[first]?.[second]
        if (value === undefined) throw new Error(`Fn::FindInMap: ${map}.${first}.${second} is not declared`)
        return value
      },
      importValue: (name) => {
        for (const exporter of this.#stacks) {
          for (const [output, { Export }] of Object.entries(exporter.template.Outputs ?? {})) {
            if (Export && resolve(Export.Name, this.#scope(exporter)) === name) return this.#output(exporter, output)
          }
        }
        throw new Error(`Fn::ImportValue: no stack of the assembly exports ${name}`)
      },
      stackOutput: (stackName, output) => {
        const owner = this.#stacks.find(({ name }) => name === stackName)
        if (!owner) throw new Error(`Fn::GetStackOutput: the assembly has no stack ${stackName}`)
        return this.#output(owner, output)
      },
    }
  }

  #ref(stack: Stack, name: string): unknown {
    const { region, accountId } = this.#options
    switch (name) {
      case 'AWS::Region':
        return region
      case 'AWS::AccountId':
        return accountId
      case 'AWS::Partition':
        return 'aws'
      case 'AWS::URLSuffix':
        return 'amazonaws.com'
      case 'AWS::StackName':
        return stack.name
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${accountId}:stack/${stack.name}/local`
      case 'AWS::NoValue':
        return noValue
    }
    const parameter = stack.template.Parameters?.[name]
    if (!parameter) return this.#resource(stack, name).ref
    if (parameter.Type.startsWith('AWS::SSM::')) {
      throw new Error(`Ref ${name}: parameters that are read from SSM have no value here`)
    }
    if (parameter.Default === undefined) throw new Error(`Ref ${name}: the parameter has no default`)
    const isList = parameter.Type.startsWith('List<') || parameter.Type === 'CommaDelimitedList'
    return isList ? String(parameter.Default).split(',') : parameter.Default
  }

  #rewrite(value: unknown): unknown {
    const { rewrite } = this.#options
    if (!rewrite) return value
    if (typeof value === 'string') return rewrite(value)
    if (Array.isArray(value)) return value.map((item) => this.#rewrite(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#rewrite(member)]))
  }
}

type Report = (message: string) => void

function explainUnknownType(type: string, allowed: readonly string[]): string {
  if (type === 'AWS::CloudFormation::Stack') return 'nested stacks are not run here: make it a stack of the app'
  if (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource') {
    return 'custom resources are not run here: use the resource type itself, or a property override'
  }
  return `this type is not run here; allowed: ${[...allowed].sort().join(', ')}`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
