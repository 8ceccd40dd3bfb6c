import type { Deed } from './plan.ts'
import type { Sent } from './uploads.ts'

/** One rule of the protocol taken out: the text that keeps it, and what stands there without it. */
export interface Mutant {
  readonly rule: string
  readonly file: string
  readonly edits: readonly (readonly [from: string, to: string])[]
  /** What it is for, where schedules at large seldom have it: this is sent then, and this done once more. */
  readonly amid?: { readonly sent: Sent; readonly deed: Deed }
}

const PROTOCOL = 'consumers/runtime/protocol.ts'
const BIND = 'producers/runtime/bind-upload.ts'
const DEADLINES = 'producers/deadlines/handle.ts'
const JOB_STATE = 'producers/mediaconvert-job-state/handle.ts'
const TRANSCODE_JOB = 'producers/runtime/transcode-job.ts'
const TRANSCODE_VIDEO = 'consumers/transcode-video/consumer.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    rule: 'a record is made once, and never over another',
    file: PROTOCOL,
    edits: [
      ["if (standing.record) return { kind: 'stands', record: standing.record }", ''],
      [
        'const answer = await readModel.commit([record, ...others])',
        "await readModel.commit([{ kind: 'delete', path: record.path }])\nconst answer = await readModel.commit([record, ...others])",
      ],
    ],
  },
  {
    rule: 'a record and the media change together',
    file: PROTOCOL,
    edits: [
      [
        'const answer = await readModel.commit([record, ...others])',
        "const answer = await readModel.commit([record])\nif (answer === 'committed') await readModel.commit(others)",
      ],
    ],
  },
  {
    rule: 'what is stored counts, whoever stored it',
    file: PROTOCOL,
    edits: [
      ["if (standing.record) return { kind: 'stands', record: standing.record }", ''],
      [
        "if (answer === 'exists') return { kind: 'stands', record: (await readStanding(readModel, key)).record }",
        "if (answer === 'exists') return { kind: 'gone' }",
      ],
    ],
  },
  {
    rule: 'published first, marked after',
    file: PROTOCOL,
    edits: [
      [
        'const events = eventsOf(record).map',
        'await readModel.commit([markPublished(key)])\nconst events = eventsOf(record).map',
      ],
    ],
  },
  {
    rule: 'what is published is said no more',
    file: PROTOCOL,
    edits: [['if (record.published) return', '']],
  },
  {
    rule: "what a replay says carries the replay's mark",
    file: PROTOCOL,
    edits: [['eventsOf(record).map((event) => withReplay(event, replay))', 'eventsOf(record)']],
  },
  {
    rule: 'outputs of a media that is gone are deleted',
    file: 'consumers/runtime/outputs.ts',
    edits: [['stored.map((object) => objects?.deleteVersion(object))', '[]']],
  },
  {
    rule: 'every path that acknowledges looks whether all is done',
    file: PROTOCOL,
    edits: [
      [
        "await announceIfReady(runtime, { key, cause: event.meta }, replay)\n    return { kind: 'done', mediaId: key.mediaId, outcome: 'repeated',",
        "return { kind: 'done', mediaId: key.mediaId, outcome: 'repeated',",
      ],
    ],
  },
  {
    rule: 'write first, then read whether all is done',
    file: PROTOCOL,
    edits: [
      ['const committed = await commit(', 'const early = standing.media.steps\nconst committed = await commit('],
      [
        'await announceIfReady(runtime, { key, cause: event.meta }, replay)\n  const { outcome: stored',
        'if (standing.media.required?.every((name) => name === consumer.name || early[name])) await announceIfReady(runtime, { key, cause: event.meta }, replay)\n  const { outcome: stored',
      ],
    ],
  },
  {
    rule: 'that it is ready has one id, made of the runs that won',
    file: 'consumers/runtime/announce.ts',
    edits: [["by: 'ready', variant, run", "by: 'ready', variant: by.name + variant, run"]],
  },
  {
    rule: 'that it is ready is owed until it is said',
    file: 'consumers/runtime/announce.ts',
    edits: [['owe(debt, time),', '']],
  },
  {
    rule: 'one refusal of a file is enough',
    file: PROTOCOL,
    edits: [
      [
        "if (outcome.kind === 'rejected') {\n    others.push(",
        "if (outcome.kind === 'rejected' && false) {\n    others.push(",
      ],
    ],
  },
  {
    rule: 'only the bytes that were bound are worked on',
    file: PROTOCOL,
    edits: [['return named === undefined || named.versionId === bound?.versionId', 'return true']],
  },
  {
    rule: 'the conditions are looked at again',
    file: PROTOCOL,
    edits: [['if (!isWanted(consumer.on, delivery))', 'if (false)']],
  },
  {
    rule: 'a forced replay is a run of its own',
    file: PROTOCOL,
    edits: [['epoch: forced ? replay.epoch : 0', 'epoch: 0']],
  },
  {
    rule: 'the first bytes are bound for good',
    file: BIND,
    edits: [['ifRevision: snapshot.revision,', '']],
  },
  {
    rule: 'other bytes are deleted',
    file: BIND,
    edits: [
      [
        'if (!snapshot || !media || unwanted !== undefined) {\n      await objects.deleteVersion(object)',
        'if (!snapshot || !media || unwanted !== undefined) {',
      ],
    ],
  },
  {
    rule: 'bytes of a media that may be restored stay',
    file: BIND,
    edits: [['if (isDeleted(media)) {\n', 'if (isDeleted(media)) {\n      await objects.deleteVersion(object)\n']],
  },
  {
    rule: 'that it came has one id, made of key and version',
    file: BIND,
    edits: [
      [
        'const id = rootId([object.key, object.versionId])',
        'const id = rootId([object.key, object.versionId, String(now)])',
      ],
    ],
  },
  {
    rule: 'the sweep says what was left unsaid',
    file: DEADLINES,
    edits: [['await settleDebts(ports, [debt])\n', '']],
  },
  {
    rule: 'the cause is sent again before a step is given up',
    file: DEADLINES,
    edits: [['if ((media.reminders ?? 0) === 0) {', 'if (false) {']],
  },
  {
    rule: 'the sweep writes at the revision that it read',
    file: DEADLINES,
    edits: [["{ kind: 'update', path, ifRevision: revision, fields }", "{ kind: 'update', path, fields }"]],
  },
  {
    rule: 'a media that had its turn comes after those that wait for theirs',
    file: 'producers/deadlines/take-turn.ts',
    edits: [['new Date(now + PUT_BACK_MS).toISOString()', 'due']],
  },
  {
    rule: 'so does what is owed',
    file: 'ports/outbox/outbox.ts',
    edits: [
      ["const fields = [{ path: ['time'], value: new Date(now).toISOString() }]", 'const fields: FieldChange[] = []'],
    ],
  },
  {
    rule: 'bytes that nobody was told of are found',
    file: DEADLINES,
    edits: [['if (arrived.length > 0) {', 'if (arrived.length < 0) {']],
  },
  {
    rule: 'what failed comes again',
    file: 'ports/queue/batch.ts',
    edits: [
      ['return { batchItemFailures: failures.flat() }', 'return { batchItemFailures: failures.flat().slice(0, 0) }'],
    ],
  },
  {
    rule: 'a step that was given up before a retry is waited for again',
    file: 'contracts/fold.ts',
    edits: [
      [
        "result.outcome === 'failed' && parseRun(run).retry >= media.retry",
        "result.outcome === 'failed' && parseRun(run).retry >= 0",
      ],
    ],
  },
  {
    rule: 'one run of a step has one verdict, whatever its causes',
    file: PROTOCOL,
    edits: [["if (known && isVerdict(known)) return { kind: 'stands', record: undefined }", '']],
  },
  {
    rule: 'no machine decides after a person',
    file: PROTOCOL,
    edits: [
      ["if (isDecidedByPerson(standing.media, key.name)) return { kind: 'stands', record: undefined }", ''],
      ['if (isDecidedByPerson(standing.media, consumer.name)) {', 'if (false) {'],
    ],
  },
  {
    rule: 'a retry passes on what was done',
    file: PROTOCOL,
    edits: [['if (done.record && !replay && parseRun(run).retry > parseRun(done.key.run).retry) {', 'if (false) {']],
  },
  {
    rule: 'what an older build wrote down is retold as of today',
    file: PROTOCOL,
    edits: [['.map(lifted)', '']],
  },
  {
    rule: 'nothing is shown before every check has passed',
    file: 'contracts/fold.ts',
    edits: [
      [
        "return checks?.every((name) => results.get(name)?.outcome === 'succeeded') ?? false",
        "return checks?.every((name) => results.get(name)?.outcome !== 'rejected') ?? false",
      ],
    ],
  },
  {
    rule: 'the API hands nothing out before that',
    file: 'producers/client-actions/get-media/handle.ts',
    edits: [['return view.cleared || (', 'return true || (']],
  },
  {
    rule: 'the checks of the day are required',
    file: BIND,
    edits: [['requiredSteps(media.kind, ports.checks)', 'requiredSteps(media.kind, [])']],
  },
  {
    rule: 'a scan speaks of the version that was scanned',
    file: 'producers/malware-scan-result/handle.ts',
    edits: [['if (!media || media.object?.versionId !== versionId) return', 'if (!media?.object) return']],
  },
  {
    rule: 'a scan that failed is not a clean one',
    file: 'consumers/scan-malware/consumer.ts',
    edits: [["case 'clean':", "case 'clean':\n      case 'failed':\n      case 'access-denied':"]],
  },
  {
    rule: 'what can’t be scanned is not clean',
    file: 'consumers/scan-malware/consumer.ts',
    edits: [
      ["case 'clean':", "case 'clean':\n      case 'unsupported':"],
      ["      case 'unsupported':\n        return rejected(", "      case 'unpackable':\n        return rejected("],
    ],
  },
  {
    rule: 'others are asked for news that may be lost',
    file: DEADLINES,
    edits: [['(await Promise.all(ports.inquiries.map((inquire) => inquire(media, now)))).flat()', '[]']],
  },
  {
    rule: 'progress only grows',
    file: JOB_STATE,
    edits: [
      [
        "fields: [{ path: ['progress', attempt, step], value: new Date(job.time).toISOString() }],",
        "fields: [{ path: ['progress', attempt], value: { [step]: new Date(job.time).toISOString() } }],",
      ],
    ],
  },
  {
    rule: 'what a job made for a media that is gone is deleted',
    file: JOB_STATE,
    edits: [['for (const { key } of await ports.objects.list(outputPrefix(labels))) await deleteAll(ports, key)', '']],
  },
  {
    rule: 'the copy that a job read goes when it ends',
    file: JOB_STATE,
    edits: [['await deleteAll(ports, sourceKey(labels))\n  return said', 'return said']],
  },
  {
    rule: 'a job that is heard of for a media that is gone is cancelled',
    file: JOB_STATE,
    edits: [['await ports.transcoder.cancel(job.jobId)', '']],
  },
  {
    rule: 'a job that was started for a media that went meanwhile is cancelled',
    file: 'consumers/runtime/outputs.ts',
    edits: [['jobs.map((jobId) => transcoder?.cancel(jobId))', '[]']],
  },
  {
    rule: 'what was transcoded for a media that may be restored stays, and is told of',
    amid: { sent: { kind: 'video', flaws: [] }, deed: 'deletes and restores' },
    file: JOB_STATE,
    edits: [['return media?.purged ? undefined : media', 'return media && media.life % 2 === 1 ? undefined : media']],
  },
  {
    rule: 'no work is done on what is deleted',
    file: PROTOCOL,
    edits: [['if (!isAlive(standing.media)) {', 'if (!standing.media) {']],
  },
  {
    rule: 'that a job ended has one id, made of job and status',
    file: TRANSCODE_JOB,
    edits: [['rootId([jobId, ...status])', 'rootId([jobId, ...status, String(time)])']],
  },
  {
    rule: 'the transcoder is asked for news that may be lost',
    file: TRANSCODE_JOB,
    edits: [["case 'complete':\n      return [transcoded(", "case 'submitted':\n      return [transcoded("]],
  },
  {
    rule: 'others are asked once more before a step is given up',
    file: DEADLINES,
    edits: [['await say(await answers())\n', '']],
  },
  {
    rule: 'each try of a transcode writes where no other does',
    file: 'ports/transcoder/output-at.ts',
    edits: [
      [
        "outputPrefix({ mediaId, attempt }: Pick<JobLabels, 'mediaId' | 'attempt'>): string {",
        "outputPrefix({ mediaId }: Pick<JobLabels, 'mediaId' | 'attempt'>): string {\n  const attempt = 'one'",
      ],
    ],
  },
  {
    rule: 'tries that follow each other closely share one job',
    file: TRANSCODE_VIDEO,
    edits: [["token: derivedId({ cause: meta.id, by: NAME, variant: 'token', run: meta.run })", 'token: attempt']],
  },
  {
    rule: 'where no job is taken at all, a video is encoded without',
    file: 'consumers/compress-video/consumer.ts',
    edits: [[", ProcessingFailedV1.where({ step: ['transcode-video'] })]", ']']],
  },
  {
    rule: 'the copy for a job that is refused is taken back',
    file: TRANSCODE_VIDEO,
    edits: [
      [
        'if (started instanceof OrderRefused) {\n      await objects.deleteVersion(copy)',
        'if (started instanceof OrderRefused) {',
      ],
    ],
  },
  {
    rule: 'a try that finds another’s job takes its own copy back',
    file: TRANSCODE_VIDEO,
    edits: [['if (started.attempt !== attempt) await objects.deleteVersion(copy)', '']],
  },
  {
    rule: 'a stream is looked over before it is spoken of',
    file: 'consumers/finish-transcode/stored-stream.ts',
    edits: [['for (const part of playlist.parts) checkPart(part, whole(part.uri))', '']],
  },
  {
    rule: 'where there is no stream, whoever waits for it is told',
    file: 'consumers/finish-transcode/consumer.ts',
    edits: [
      [
        'return failed(fault, emit(TranscodeFailedV1, { mediaId, kind, jobId, attempt, ...fault }))',
        'return failed(fault)',
      ],
    ],
  },
  {
    rule: 'what was refused is checked to the end, for those who decide on it',
    file: PROTOCOL,
    edits: [
      [
        'if (isRejected(standing.media) && !forced && !CHECKS.includes(consumer.name)) {',
        'if (isRejected(standing.media) && !forced) {',
      ],
    ],
  },
]
