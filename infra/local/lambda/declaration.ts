import { statSync } from 'node:fs'
import {
  listProperty,
  objectProperty,
  onlyProperties,
  optionalNumber,
  optionalString,
  requiredString,
  stringMap,
} from '../assembly/properties.ts'
import type { ResourceDeclaration } from '../cloud.ts'

/** A function as the template declares it, its defaults filled in. */
export interface FunctionDeclaration {
  readonly name: string
  readonly arn: string
  /** The asset's real folder, which is `/var/task` in AWS. */
  readonly codePath: string
  readonly handler: string
  readonly runtime: string
  readonly architecture: string
  readonly role: string
  readonly description: string
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number
  readonly deadLetterArn?: string
}

export interface DeclarationContext {
  readonly region: string
  readonly accountId: string
  /** The real folder of an asset of the assembly, by the object key under which a deployment would upload it. */
  readonly assetPath: (stack: string, objectKey: string) => string | undefined
}

/**
 * Reads an `AWS::Lambda::Function`.
 * @throws Error naming the property that asks for what does not run here.
 */
export function readFunction(resource: ResourceDeclaration, context: DeclarationContext): FunctionDeclaration {
  const { properties } = resource
  onlyProperties(
    resource,
    [
      'FunctionName',
      'Code',
      'Handler',
      'Runtime',
      'Role',
      'MemorySize',
      'Timeout',
      'Environment',
      'ReservedConcurrentExecutions',
      'DeadLetterConfig',
      'Architectures',
      'Description',
    ],
    {
      // A layer's binaries are for Lambda's own platform. Its packages are found here by node's ordinary resolution
      // from the asset's real place: an assembly below the project finds the project's node_modules.
      Layers: 'packages of layers are found by node itself',
      TracingConfig: 'no traces are collected',
      LoggingConfig: 'everything is logged to one place',
      EphemeralStorage: "/tmp is the machine's",
      SnapStart: 'workers start fast',
      Tags: 'nothing reads them',
      RecursiveLoop: 'loops are not looked for',
      RuntimeManagementConfig: 'the runtime is the node that runs this',
    },
  )
  const runtime = requiredString(properties, 'Runtime')
  if (!runtime.startsWith('nodejs')) throw new Error(`Runtime ${runtime} is not run here; allowed: nodejs*`)
  const handler = requiredString(properties, 'Handler')
  if (!/^[^.]+.*\.[^./]+$/.test(handler)) throw new Error(`Handler ${handler} must read <file>.<export>`)

  // AWS cuts generated names to 64 characters too.
  const name = optionalString(properties, 'FunctionName') ?? resource.generatedName.slice(-64)
  const { region, accountId } = context
  const reservedConcurrency = optionalNumber(properties, 'ReservedConcurrentExecutions')
  const deadLetterArn = optionalString(objectProperty(properties, 'DeadLetterConfig'), 'TargetArn')
  return {
    name,
    arn: `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    codePath: readCode(resource, context),
    handler,
    runtime,
    architecture: String(listProperty(properties, 'Architectures')[0] ?? 'x86_64'),
    role: optionalString(properties, 'Role') ?? '',
    description: optionalString(properties, 'Description') ?? '',
    memoryMb: optionalNumber(properties, 'MemorySize') ?? 128,
    timeoutMs: (optionalNumber(properties, 'Timeout') ?? 3) * 1000,
    environment: stringMap(objectProperty(properties, 'Environment'), 'Variables'),
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  }
}

function readCode({ stack, properties }: ResourceDeclaration, { assetPath }: DeclarationContext): string {
  const code = objectProperty(properties, 'Code')
  const key = optionalString(code, 'S3Key')
  if (key === undefined)
    throw new Error('Code must be an asset of the assembly (Code.fromAsset), not inline or an image')
  const path = assetPath(stack, key)
  if (path === undefined) throw new Error(`Code: the assembly has no asset ${key}`)
  if (!statSync(path).isDirectory()) throw new Error(`Code: the asset ${path} is a file; give the folder itself`)
  return path
}
