import { createAlarm, type Schedule, scheduleWithNode } from '../alarm.ts'
import type { Cloud, Provisioner } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { InProcessObjects, ObjectFile, S3Event } from '../s3/index.ts'
import { isEncryptedZip } from './encrypted-zip.ts'
import { type OwedScan, openOwed } from './owed.ts'
import { type Plan, planProvisioner } from './plan.ts'
import { SCAN_STATUS_TAG, scanResult } from './scan-result.ts'
import type { Scanner, Verdict } from './scanner.ts'

export interface GuardDutyOptions {
  readonly objects: InProcessObjects
  /** Onto the default bus, in the open transaction. */
  publish(event: ServiceEvent): void
  readonly scanner: Scanner
  /** How timers run; node's where absent. */
  readonly schedule?: Schedule
}

export interface GuardDuty {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** Takes what S3 tells EventBridge, in the transaction that it belongs to: a created object's scan is owed from there. */
  hear(event: S3Event): void
  /** Once everything is declared: does what is owed, what a kill has cut off first. */
  start(): void
  /** Ends a scan that runs, which stays owed. */
  stop(): Promise<void>
}

/** How an unversioned bucket's objects are found. */
const NO_VERSION = 'null'
/** https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-s3-quotas-guardduty.html */
const MAX_OBJECT_BYTES = 100 * 1024 ** 3
const FILES_A_RUN = 16
const RETRY_DELAYS_MS = [1000, 10_000]

/**
 * GuardDuty's Malware Protection for S3: scans each object that is created below a plan's prefixes, tags that version
 * with what was found, and says it on the default bus. https://docs.aws.amazon.com/guardduty/latest/ug/gdu-malware-protection-s3.html
 */
export function createGuardDuty(cloud: Cloud, options: GuardDutyOptions): GuardDuty {
  const { objects, publish, scanner } = options
  const { db } = cloud
  const plans = new Map<string, Plan>()
  const owed = openOwed(db)
  const stopping = new AbortController()
  const alarm = createAlarm(cloud.now, options.schedule ?? scheduleWithNode, () => wake())
  let running: Promise<void> | undefined

  function wake(): void {
    if (stopping.signal.aborted || running) return
    running = work()
      .catch((error: unknown) => {
        cloud.log({ level: 'error', from: 'guardduty', message: 'scanning stopped', error: traceOf(error) })
      })
      .finally(() => {
        running = undefined
        const next = stopping.signal.aborted ? undefined : owed.nextDueAt()
        if (next !== undefined) alarm.setBy(next)
      })
  }

  async function work(): Promise<void> {
    for (;;) {
      const due = owed.due(cloud.now(), FILES_A_RUN)
      if (due.length === 0) return
      const scans = due.flatMap((scan): Found[] => {
        const plan = plans.get(scan.bucket)
        const object = objects.find(scan.bucket, scan.key, scan.versionId)
        if (plan?.id === scan.planId && object) return [{ scan, plan, object }]
        owed.settle(scan)
        return []
      })
      const verdicts = await scanAll(scans)
      if (stopping.signal.aborted) return
      for (const [index, found] of scans.entries()) conclude(found, verdicts[index])
    }
  }

  /** One verdict each; undefined where the scanner could not run, or the version went. */
  async function scanAll(scans: readonly Found[]): Promise<readonly (Verdict | undefined)[]> {
    const known = await Promise.all(scans.map(({ object }) => withoutScanning(object)))
    const scanned = await scan(scans.flatMap(({ object }, index) => (known[index] ? [] : [object])))
    return scans.map(({ object }, index) => known[index] ?? scanned.get(object))
  }

  async function scan(files: readonly ObjectFile[]): Promise<ReadonlyMap<ObjectFile, Verdict | undefined>> {
    if (files.length === 0) return new Map()
    try {
      const paths = files.map(({ path }) => path)
      const verdicts = await scanner.scan(paths, stopping.signal)
      return new Map(files.map((file, index) => [file, verdicts[index]]))
    } catch (error) {
      if (stopping.signal.aborted) return new Map()
      // A file that is gone fails the run for all of them.
      const left = files.filter(isThere)
      if (left.length < files.length) return scan(left)
      cloud.log({ level: 'warn', from: 'guardduty', message: traceOf(error), scanner: scanner.name })
      return new Map()
    }
  }

  /** Whether that version still has those very bytes: without versions, others may have come under its key. */
  function isThere({ bucket, key, versionId, path }: ObjectFile): boolean {
    return objects.find(bucket, key, versionId)?.path === path
  }

  function conclude({ scan, plan, object }: Found, verdict: Verdict | undefined): void {
    db.transaction(() => {
      // What went while it was read was not read to its end: there is nothing to tell, and nothing to try again.
      if (!isThere(object)) return owed.settle(scan)
      const delay = verdict === undefined ? RETRY_DELAYS_MS[scan.tries] : undefined
      if (delay !== undefined) return owed.postpone(scan, cloud.now() + delay)
      owed.settle(scan)
      const said = verdict ?? { status: 'FAILED' }
      if (plan.tags && !objects.tag(object, SCAN_STATUS_TAG, said.status)) {
        const message = `${object.key} has no room for the tag ${SCAN_STATUS_TAG}`
        cloud.log({ level: 'warn', from: 'guardduty', message, versionId: object.versionId })
      }
      publish(scanResult(cloud, plan, object, said))
    })
  }

  return {
    provisioners: { 'AWS::GuardDuty::MalwareProtectionPlan': planProvisioner(cloud, plans) },
    hear({ 'detail-type': type, detail: { bucket, object } }) {
      const plan = type === 'Object Created' ? plans.get(bucket.name) : undefined
      if (!plan || !covers(plan, object.key)) return
      const versionId = object['version-id'] ?? NO_VERSION
      owed.add({ planId: plan.id, bucket: bucket.name, key: object.key, versionId }, cloud.now())
      db.afterCommit(wake)
    },
    start() {
      if (plans.size > 0) {
        cloud.log({ level: 'info', from: 'guardduty', message: `new objects are scanned by ${scanner.name}` })
      }
      wake()
    },
    async stop() {
      stopping.abort()
      alarm.stop()
      await running
    },
  }
}

interface Found {
  readonly scan: OwedScan
  readonly plan: Plan
  readonly object: ObjectFile
}

function covers({ prefixes }: Plan, key: string): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => key.startsWith(prefix))
}

/** What GuardDuty skips without a look inside. */
async function withoutScanning({ size, path }: ObjectFile): Promise<Verdict | undefined> {
  if (size > MAX_OBJECT_BYTES) return { status: 'UNSUPPORTED', reason: 'OBJECT_TOO_LARGE' }
  // What can't be read here can't be scanned either, and the scanner says why.
  const isEncrypted = await isEncryptedZip(path).catch(() => false)
  return isEncrypted ? { status: 'UNSUPPORTED', reason: 'PASSWORD_PROTECTED' } : undefined
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
