/** One stack of a synthesized assembly: its template as it would be deployed, and where its assets lie. */
export interface Stack {
  readonly name: string
  readonly template: Template
  /** Absolute folder or file of each asset, by the object key under which a deployment would upload it. */
  readonly assets: ReadonlyMap<string, string>
}

/** The sections of a CloudFormation template that are understood. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, Parameter>>
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>
  readonly Conditions?: Readonly<Record<string, unknown>>
  readonly Resources?: Readonly<Record<string, TemplateResource>>
  readonly Outputs?: Readonly<Record<string, Output>>
  readonly [section: string]: unknown
}

export interface Parameter {
  readonly Type: string
  readonly Default?: unknown
}

export interface TemplateResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly Condition?: string
  readonly DependsOn?: string | readonly string[]
}

export interface Output {
  readonly Value: unknown
  readonly Condition?: string
  readonly Export?: { readonly Name: unknown }
}

/** Something of the assembly that does not run here, and where it is written. */
export interface Problem {
  readonly stack: string
  /** Logical id of a resource, name of an output, or a section of the template. */
  readonly at: string
  readonly type?: string
  readonly message: string
}

/** Why an assembly was not started: every problem of it, one a line. */
export class AssemblyError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(
      ({ stack, at, type, message }) => `  ${stack}/${at}${type ? ` (${type})` : ''}: ${message}`,
    )
    super(
      `${problems.length} part${problems.length === 1 ? '' : 's'} of the assembly cannot run locally:\n${lines.join('\n')}`,
    )
    this.name = 'AssemblyError'
    this.problems = problems
  }
}

/** True for plain objects, as JSON gives them. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
