import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type ApiEndpoint, createApiGateway } from './apigateway/index.ts'
import { type ProvisionedResource, provision } from './assembly/provision.ts'
import { readAssembly } from './assembly/read.ts'
import type { Cloud, Credentials, Deliver, LogLine, QueueReader, WireService } from './cloud.ts'
import { loadCredentials } from './credentials.ts'
import { openDatabase } from './database.ts'
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge.ts'
import type { Observe } from './eventbridge/router.ts'
import { createGuardDuty, type Scanner, testFileScanner } from './guardduty/index.ts'
import { createLambda, type InvocationResult } from './lambda/index.ts'
import { type Listening, listen } from './listen.ts'
import { createMediaConvert } from './mediaconvert/mediaconvert.ts'
import { passiveProvisioners } from './passive.ts'
import { createRekognition } from './rekognition/rekognition.ts'
import { createS3 } from './s3/index.ts'
import { createSchemas } from './schemas/schemas.ts'
import { dispatch } from './server.ts'
import { createSqs } from './sqs/sqs.ts'

export interface LocalOptions {
  /** A synthesized cloud assembly: `cdk.out`. */
  readonly assemblyDir: string
  /** Everything durable lies here; one runtime at a time may have it open. */
  readonly dataDir: string
  /** For the AWS services; where it is taken, the next free one. 0 is any. */
  readonly port: number
  /** For the first REST API, the others follow; by default the ports after `port`. */
  readonly apiPort?: number
  readonly region?: string
  readonly accountId?: string
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly log: (line: LogLine) => void
  /** What every function's environment has besides its template's variables. */
  readonly extraEnvironment?: Readonly<Record<string, string>>
  /** The most invocations of one function at a time; 4. */
  readonly localConcurrency?: number
  /** Told of every event that a bus took, once that is durable. */
  readonly observe?: Observe
  /** What GuardDuty's scans are done by; by default a stand-in that knows the EICAR test file alone. */
  readonly malwareScanner?: Scanner
  /** The ffmpeg that MediaConvert's jobs run on; without one they end in an error that says so. */
  readonly ffmpegPath?: string
  /** How often transcoding jobs tell of their progress, in the place of what each asks. */
  readonly statusUpdateMs?: number
}

export interface LocalCloud {
  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  readonly endpoint: string
  readonly apis: readonly ApiEndpoint[]
  /** Every resource with its physical name (`ref`) and attributes. */
  readonly resources: readonly ProvisionedResource[]
  /** By stack, then by name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly credentials: Credentials
  readonly region: string
  readonly accountId: string
  readonly queues: QueueReader
  /** What an archive holds, by its ARN, of a span of time. */
  readonly readArchive: EventBridge['read']
  /** Starts every function's worker, for whoever is about to call them; idle ones end after a minute. */
  warm(): Promise<void>
  /** Runs a function by its name or ARN. @throws Error where there is none. */
  invoke(nameOrArn: string, payload: string): Promise<InvocationResult>
  /** The names of the functions whose queues hold a message with this text in its body: before them, or in work. */
  atWorkOn(text: string): readonly string[]
  /** Takes nothing new, gives what runs a few seconds, and closes everything. */
  stop(): Promise<void>
}

/** Of the host's own environment, functions see what a Lambda sandbox has too: where programs are. */
const HOST_VARIABLES = ['PATH', 'LANG', 'SystemRoot']

/**
 * Runs a synthesized assembly in this process: its buckets, queues, rules, functions and REST APIs.
 * @throws AssemblyError naming everything in it that does not run here.
 */
export async function startLocal(options: LocalOptions): Promise<LocalCloud> {
  const stacks = readAssembly(options.assemblyDir)
  const db = openDatabase(options.dataDir)
  const undo: (() => unknown)[] = [() => db.close()]
  try {
    const cloud: Cloud = {
      region: options.region ?? 'us-east-1',
      accountId: options.accountId ?? '000000000000',
      dataDir: options.dataDir,
      db,
      credentials: loadCredentials(db),
      now: options.clock ?? Date.now,
      uuid: randomUUID,
      log: options.log,
    }

    // Ports come first: queue URLs, outputs and the functions' environment carry them.
    let services: readonly WireService[] | undefined
    const server = await listen(options.port, (request, response) => {
      if (services) void dispatch(services, request, response)
      else answerTooEarly(response)
    })
    undo.push(() => server.close())
    reportPort(cloud, 'the AWS endpoint', options.port, server.port)
    const endpoint = `http://127.0.0.1:${server.port}`

    const origins = new Map<string, string>()
    const apiServers: Listening[] = []
    for (const stack of stacks) {
      for (const [logicalId, { Type }] of Object.entries(stack.template.Resources ?? {})) {
        if (Type !== 'AWS::ApiGateway::RestApi') continue
        const first = options.apiPort ?? (options.port === 0 ? 0 : server.port + 1)
        const wanted = first === 0 ? 0 : (apiServers.at(-1)?.port ?? first - 1) + 1
        const apiServer: Listening = await listen(wanted, (request, response) => {
          if (services) void apiGateway.handle(`http://127.0.0.1:${apiServer.port}`, request, response)
          else answerTooEarly(response)
        })
        undo.push(() => apiServer.close())
        if (options.apiPort !== undefined) reportPort(cloud, `the API ${logicalId}`, wanted, apiServer.port)
        apiServers.push(apiServer)
        origins.set(`${stack.name}/${logicalId}`, `http://127.0.0.1:${apiServer.port}`)
      }
    }

    const sqs = createSqs(cloud, { endpoint: () => endpoint })
    const deliver: Deliver = (targetArn, body, deliverOptions) => {
      const service = targetArn.split(':')[2]
      if (service === 'sqs') sqs.send(targetArn, body, deliverOptions)
      else if (service === 'lambda') lambda.invokeAsync(targetArn, body)
      else throw new Error(`${targetArn} cannot be delivered to here; allowed: queues, functions`)
    }
    const eventBridge = createEventBridge(cloud, { deliver, ...(options.observe && { observe: options.observe }) })
    const s3 = createS3(cloud, {
      publish(event) {
        eventBridge.publish(event)
        guardDuty.hear(event)
      },
    })
    undo.push(() => s3.stop())
    const guardDuty = createGuardDuty(cloud, {
      objects: s3.objects,
      publish: (event) => eventBridge.publish(event),
      scanner: options.malwareScanner ?? testFileScanner,
    })
    const lambda = createLambda(cloud, {
      endpoint,
      queues: sqs,
      deliver,
      assetPath: (stackName, key) => stacks.find(({ name }) => name === stackName)?.assets.get(key),
      extraEnvironment: { ...hostEnvironment(), ...options.extraEnvironment },
      ...(options.localConcurrency === undefined ? {} : { concurrency: options.localConcurrency }),
    })
    const schemas = createSchemas(cloud)
    const mediaConvert = createMediaConvert(cloud, {
      endpoint: () => endpoint,
      objects: s3.objects,
      publish: (event) => eventBridge.publish(event),
      ffmpeg: options.ffmpegPath,
      statusUpdateMs: options.statusUpdateMs,
    })
    const rekognition = createRekognition(cloud, { findObject: s3.objects.find })
    const apiGateway = createApiGateway(cloud, {
      origin: ({ stack, logicalId }) => origins.get(`${stack}/${logicalId}`) ?? endpoint,
      invoke: lambda.invoke,
    })

    const { resources, outputs } = db.transaction(() =>
      provision(stacks, {
        region: cloud.region,
        accountId: cloud.accountId,
        provisioners: {
          ...passiveProvisioners(cloud),
          ...sqs.provisioners,
          ...eventBridge.provisioners,
          ...s3.provisioners,
          ...guardDuty.provisioners,
          ...schemas.provisioners,
          ...mediaConvert.provisioners,
          ...lambda.provisioners,
          ...apiGateway.provisioners,
        },
        rewrite: apiGateway.localize,
      }),
    )
    services = [s3, sqs, eventBridge, schemas, rekognition, mediaConvert, lambda]
    sqs.start()
    eventBridge.start()
    guardDuty.start()
    mediaConvert.start()
    lambda.start()

    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      const drained = apiServers.map((apiServer) => apiServer.drain())
      // Functions that still run may call the services, which therefore end after them.
      await lambda.stop()
      for (const apiServer of apiServers) await apiServer.close()
      await Promise.all(drained)
      for (const service of [mediaConvert, guardDuty, s3, sqs, eventBridge, schemas]) await service.stop()
      await server.close()
      db.close()
    }
    return {
      endpoint,
      apis: apiGateway.endpoints(),
      resources,
      outputs,
      credentials: cloud.credentials,
      region: cloud.region,
      accountId: cloud.accountId,
      queues: sqs,
      readArchive: eventBridge.read,
      warm: lambda.warm,
      invoke: lambda.invoke,
      atWorkOn: lambda.atWorkOn,
      stop: () => {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

function answerTooEarly(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': '1', connection: 'close' })
  response.end('The local runtime is starting.\n')
}

function reportPort(cloud: Cloud, what: string, wanted: number, got: number): void {
  if (wanted === 0 || wanted === got) return
  cloud.log({ level: 'warn', from: 'local', message: `port ${wanted} is taken: ${what} is on ${got}`, port: got })
}

function hostEnvironment(): Record<string, string> {
  return Object.fromEntries(
    HOST_VARIABLES.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
