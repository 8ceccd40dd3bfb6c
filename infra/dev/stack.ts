import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFields } from '../../ports/read-model/firestore-values.ts'
import type { Build } from '../build/build.ts'
import { local as config } from '../config/local.ts'
import type { Scanner } from '../local/guardduty/index.ts'
import { type LocalCloud, startLocal } from '../local/index.ts'
import { type LocalFirestore, startFirestore } from './firestore/server.ts'
import { LOCAL_CONVERSATION, LOCAL_USER } from './options.ts'

/** Everything that `npm start` runs. */
export interface Stack {
  readonly cloud: LocalCloud
  readonly firestore: LocalFirestore
  /** Without a slash at its end. */
  readonly apiUrl: string
  /** The consumers and producers that have a message about this media before them or in work. */
  atWorkOn(mediaId: string): readonly string[]
  /** Writes where a Firestore is that apps can listen to into `local.json`. */
  advertise(firestoreHost: string): void
  stop(): Promise<void>
}

export interface StackOptions {
  readonly build: Pick<Build, 'assemblyDir'>
  readonly dataDir: string
  readonly port: number
  /** Of this machine's ffmpeg; undefined where there is none. */
  readonly ffmpegPath?: string | undefined
  readonly now: () => number
  /** A line for whoever watches: what a function logged, what went wrong. */
  readonly log: (line: { readonly level: string; readonly from: string; readonly message: string }) => void
  /** What looks for malware in uploads; left out, a stand-in that knows one test file. */
  readonly malwareScanner?: Scanner | undefined
  /** Told of every event on a bus. */
  readonly observe: (event: { readonly 'detail-type': string; readonly detail: unknown }) => void
}

/** Where another program finds what it needs to talk to the running stack. */
export const LOCAL_FILE = 'local.json'

/** Of the names of functions and queues. */
const PREFIX = `messageai-${config.environment}-`

/**
 * Starts the read model and the synthesized template, makes the local user a member of a conversation, and writes
 * `local.json` into the data folder.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir } = options
  mkdirSync(dataDir, { recursive: true })
  const firestore = await startFirestore({ dataDir: join(dataDir, 'firestore'), now: options.now })
  try {
    seedConversation(firestore)
    const cloud = await startLocal({
      assemblyDir: options.build.assemblyDir,
      dataDir: join(dataDir, 'aws'),
      port: options.port,
      clock: options.now,
      extraEnvironment: {
        FIRESTORE_EMULATOR_HOST: firestore.host,
        ...(options.ffmpegPath !== undefined && { FFMPEG_BIN: options.ffmpegPath }),
      },
      log: options.log,
      ...(options.ffmpegPath !== undefined && { ffmpegPath: options.ffmpegPath }),
      // AWS takes ten seconds at least: a short video would be done before it says anything.
      statusUpdateMs: 1000,
      ...(options.malwareScanner && { malwareScanner: options.malwareScanner }),
      observe: (_bus, event) => options.observe(event),
    })
    const apiUrl = cloud.apis[0]?.url.replace(/\/$/, '')
    if (apiUrl === undefined) throw new Error('the synthesized template has no API')
    const file = join(dataDir, LOCAL_FILE)
    const facts = describe(cloud, apiUrl)
    writeWhole(file, facts)
    return {
      cloud,
      firestore,
      apiUrl,
      atWorkOn: (mediaId) => [...new Set(cloud.atWorkOn(mediaId).map((name) => name.replace(PREFIX, '')))],
      advertise: (firestoreHost) => writeWhole(file, { ...facts, firestoreHost }),
      async stop() {
        rmSync(file, { force: true })
        await cloud.stop()
        await firestore.stop()
      },
    }
  } catch (error) {
    await firestore.stop()
    throw error
  }
}

/** Whoever reads it finds all of it; only this user may, as the local keys are in it. */
function writeWhole(file: string, facts: object): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}

function seedConversation({ documents }: LocalFirestore): void {
  const name = `projects/${config.firebase.projectId}/databases/(default)/documents/conversations/${LOCAL_CONVERSATION}`
  if (documents.get(name)) return
  documents.commit([{ update: { name, fields: encodeFields({ memberIds: [LOCAL_USER] }) } }])
}

/** `local.json`: queues by consumer, buckets with the media bucket first. */
function describe(cloud: LocalCloud, apiUrl: string) {
  const ofType = (type: string) => cloud.resources.filter((resource) => resource.type === type)
  const buckets = ofType('AWS::S3::Bucket').map(({ ref }) => ref)
  const bus = ofType('AWS::Events::EventBus')[0]
  const queues = ofType('AWS::SQS::Queue').flatMap(({ ref, attributes }) => {
    const name = attributes['QueueName'] ?? ''
    return name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), ref] as const] : []
  })
  return {
    pid: process.pid,
    awsEndpoint: cloud.endpoint,
    apiUrl,
    region: cloud.region,
    accountId: cloud.accountId,
    credentials: cloud.credentials,
    buckets: buckets.sort((a, b) => Number(b === config.storage.bucketName) - Number(a === config.storage.bucketName)),
    eventBus: { name: bus?.ref, arn: bus?.attributes['Arn'] },
    queues: Object.fromEntries(queues),
    archive: ofType('AWS::Events::Archive')[0]?.attributes['Arn'],
    projectId: config.firebase.projectId,
  }
}
