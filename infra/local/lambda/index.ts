import { rmSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'
import { scheduleWithNode } from '../alarm.ts'
import {
  objectProperty,
  onlyProperties,
  optionalNumber,
  optionalString,
  requiredString,
} from '../assembly/properties.ts'
import type {
  Cloud,
  Deliver,
  Provisioned,
  Provisioner,
  QueueReader,
  ResourceDeclaration,
  WireService,
} from '../cloud.ts'
import { type AsyncConfig, createAsyncInvocations, defaultAsyncConfig, RETRY_DELAYS_MS } from './asynchronous.ts'
import { readFunction } from './declaration.ts'
import { functionEnvironment } from './environment.ts'
import { type EventSource, type MappingDeclaration, readMapping, startEventSource } from './event-source.ts'
import { createFunction, type LocalFunction } from './function.ts'
import type { InvocationResult } from './protocol.ts'
import { lambdaWire } from './wire.ts'

export type { InvocationResult } from './protocol.ts'

export interface LambdaOptions {
  /** Where the local services answer, for the functions' SDKs. */
  readonly endpoint: string
  readonly queues: QueueReader
  /** Takes what a dead-letter queue or an on-failure destination is sent. */
  readonly deliver: Deliver
  readonly assetPath: (stack: string, objectKey: string) => string | undefined
  readonly extraEnvironment: Readonly<Record<string, string>>
  /** The most invocations of one function at a time; 4. */
  readonly concurrency?: number
  /** How long an idle function keeps its worker; 15 s: some 30 MB each are given back soon, and a start takes a fraction of a second. */
  readonly idleMs?: number
  /** How long `stop` waits for what runs; 5 s. */
  readonly graceMs?: number
  /** Waits before an asynchronous invocation is tried again; a minute, then two, as Lambda has it. */
  readonly retryDelaysMs?: readonly number[]
}

export interface Lambda extends WireService {
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** Runs a function and waits for it; by its name or ARN. Never rejects. */
  invoke(nameOrArn: string, payload: string): Promise<InvocationResult>
  /** Accepts an invocation durably, to be run and retried; joins the open transaction. @throws Error for an unknown function. */
  invokeAsync(nameOrArn: string, payload: string): void
  /** Starts every function's worker, which otherwise starts with its first invocation: those first that no queue feeds. */
  warm(): Promise<void>
  /** The names of the functions that have a message with this text before them or in work. */
  atWorkOn(text: string): readonly string[]
  /** Begins to poll the queues. Call it once everything is provisioned. */
  start(): void
}

/** Lambda: functions in worker threads, their event source mappings, and asynchronous invocations. */
export function createLambda(cloud: Cloud, options: LambdaOptions): Lambda {
  const functions = new Map<string, LocalFunction>()
  const mappings: MappingDeclaration[] = []
  const asyncConfigs = new Map<string, Partial<AsyncConfig>>()
  const sources: EventSource[] = []
  const graceMs = options.graceMs ?? 5_000
  // Where this program keeps its own compiled code, its functions' is kept too. Node adds a folder for its version.
  const ownCache = getCompileCacheDir()
  const compileCache = ownCache === undefined ? undefined : dirname(ownCache)

  // What a run left that was killed: nobody else has this folder open.
  const temporaryRoot = join(cloud.dataDir, 'lambda')
  rmSync(temporaryRoot, { recursive: true, force: true })

  const find = (nameOrArn: string): LocalFunction | undefined => {
    // arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>], <account>:function:<name>, or the name.
    const parts = nameOrArn.split(':')
    const name = parts.length === 1 ? nameOrArn : parts[parts.indexOf('function') + 1]
    return name === undefined ? undefined : functions.get(name)
  }
  const known = (nameOrArn: string): LocalFunction => {
    const found = find(nameOrArn)
    if (!found) throw new Error(`no function ${nameOrArn} runs here`)
    return found
  }
  const asynchronous = createAsyncInvocations(cloud, {
    deliver: options.deliver,
    schedule: scheduleWithNode,
    retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
    find,
    config: (name) => ({ ...defaultAsyncConfig, ...asyncConfigs.get(name) }),
  })
  const wire = lambdaWire(cloud, {
    all: () => [...functions.values()],
    find,
    accept: (target, payload) => asynchronous.accept(target, payload),
  })

  const provisionFunction: Provisioner = (resource) => {
    const { region, accountId, credentials } = cloud
    const declaration = readFunction(resource, { region, accountId, assetPath: options.assetPath })
    if (functions.has(declaration.name))
      throw new Error(`FunctionName ${declaration.name} is taken by another function`)
    const local = createFunction(declaration, {
      concurrency: options.concurrency ?? 4,
      idleMs: options.idleMs ?? 15_000,
      compileCache,
      temporaryRoot,
      requestId: cloud.uuid,
      environment: (of) =>
        functionEnvironment(of, { region, credentials, endpoint: options.endpoint, extra: options.extraEnvironment }),
      log: (of, level, message, requestId) =>
        cloud.log({ level, from: `lambda:${of.name}`, message, ...(requestId === undefined ? {} : { requestId }) }),
    })
    functions.set(declaration.name, local)
    return { ref: declaration.name, attributes: { Arn: declaration.arn } }
  }

  return {
    ...wire,
    provisioners: {
      'AWS::Lambda::Function': provisionFunction,
      'AWS::Lambda::LayerVersion': (resource) => provisionLayer(resource, cloud),
      'AWS::Lambda::EventSourceMapping': (resource) => {
        const mapping = readMapping(resource)
        known(mapping.functionName)
        mappings.push(mapping)
        return { ref: resource.generatedName, attributes: { Id: resource.generatedName } }
      },
      'AWS::Lambda::EventInvokeConfig': (resource) => {
        const { functionName, config } = readInvokeConfig(resource)
        asyncConfigs.set(known(functionName).declaration.name, config)
        return { ref: resource.generatedName, attributes: {} }
      },
    },
    invoke(nameOrArn, payload) {
      return known(nameOrArn).invoke(payload)
    },
    invokeAsync(nameOrArn, payload) {
      asynchronous.accept(known(nameOrArn), payload)
    },
    async warm() {
      const fed = new Set(mappings.map(({ functionName }) => known(functionName)))
      // What begins with a call reaches the queues later.
      const called = [...functions.values()].filter((local) => !fed.has(local))
      await Promise.all(called.map((local) => local.warm()))
      await Promise.all([...fed].map((local) => local.warm()))
    },
    atWorkOn: (text) =>
      mappings
        .filter(({ queueArn }) => options.queues.holds(queueArn, text))
        .map(({ functionName }) => known(functionName).declaration.name),
    start() {
      const active = mappings.filter(({ enabled }) => enabled)
      // Whatever of these queues is in flight was held by an earlier run, which died with it: nobody will settle it, and
      // AWS's wait for its visibility timeout, minutes long, would only be a wait here. It counts as received all the
      // same, so that what kills the process reaches its dead-letter queue.
      for (const queueArn of new Set(active.map((mapping) => mapping.queueArn)))
        options.queues.releaseInFlight(queueArn)
      for (const mapping of active) {
        sources.push(startEventSource(mapping, known(mapping.functionName), options.queues, cloud))
      }
      asynchronous.start()
    },
    async stop() {
      asynchronous.stop()
      const draining = sources.map((source) => source.stop())
      await Promise.all([...functions.values()].map((local) => local.stop(graceMs)))
      await Promise.all(draining)
    },
  }
}

function provisionLayer(resource: ResourceDeclaration, { region, accountId }: Cloud): Provisioned {
  onlyProperties(resource, [], {
    LayerName: 'only its ARN shows it',
    Content: 'functions find its packages by ordinary node resolution; its binaries are for another machine',
    CompatibleRuntimes: 'nothing checks them',
    CompatibleArchitectures: 'nothing checks them',
    Description: 'nothing reads it',
    LicenseInfo: 'nothing reads it',
  })
  const name = optionalString(resource.properties, 'LayerName') ?? resource.generatedName
  const arn = `arn:aws:lambda:${region}:${accountId}:layer:${name}:1`
  return { ref: arn, attributes: { LayerVersionArn: arn } }
}

function readInvokeConfig(resource: ResourceDeclaration): { functionName: string; config: Partial<AsyncConfig> } {
  const { properties } = resource
  onlyProperties(resource, [
    'FunctionName',
    'Qualifier',
    'MaximumRetryAttempts',
    'MaximumEventAgeInSeconds',
    'DestinationConfig',
  ])
  const qualifier = optionalString(properties, 'Qualifier') ?? '$LATEST'
  if (qualifier !== '$LATEST') throw new Error(`Qualifier ${qualifier} is not run here; allowed: $LATEST`)
  const destinations = objectProperty(properties, 'DestinationConfig')
  const onFailureArn = optionalString(objectProperty(destinations, 'OnFailure'), 'Destination')
  const onSuccessArn = optionalString(objectProperty(destinations, 'OnSuccess'), 'Destination')
  const attempts = optionalNumber(properties, 'MaximumRetryAttempts')
  const ageSeconds = optionalNumber(properties, 'MaximumEventAgeInSeconds')
  return {
    functionName: requiredString(properties, 'FunctionName'),
    config: {
      ...(attempts === undefined ? {} : { maximumRetryAttempts: attempts }),
      ...(ageSeconds === undefined ? {} : { maximumEventAgeMs: ageSeconds * 1000 }),
      ...(onFailureArn === undefined ? {} : { onFailureArn }),
      ...(onSuccessArn === undefined ? {} : { onSuccessArn }),
    },
  }
}
