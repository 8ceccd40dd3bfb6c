/**
 * What others install as `@messageai/media-contracts`: the contracts, how to read and write their events, how to
 * listen to them, and what a media's document means. Nothing here speaks to a network, and no other package is needed.
 */
export * from '../contracts/event-contract.ts'
export { fold, isDeleted, type MediaStatus, type MediaView, type StepResult, winningRun } from '../contracts/fold.ts'
export { DOCUMENT_VERSIONS, type MediaDocument, type StepDocument } from '../contracts/generated/documents.ts'
export * from '../contracts/generated/events.ts'
export * from '../contracts/generated/validators.js'
export { type ProjectedEvent, project } from '../contracts/project.ts'
export { compareRuns, FIRST_RUN, formatRun, parseRun, type Run } from '../contracts/run.ts'
export { EVENT_SOURCE } from './bus.ts'
export { type CloudEvent, fromCloudEvent, toCloudEvent } from './cloudevents.ts'
export {
  ContractViolation,
  createEvent,
  detailTypeOf,
  type MediaEvent,
  type Origin,
  type ReplayMark,
  withReplay,
} from './envelope.ts'
export { type Derivation, derivedId, rootId } from './ids.ts'
export { type ParseResult, parseEvent, type Vocabulary } from './parse.ts'
export { type EventPattern, type Interest, inclusivePattern, isWanted, livePattern, replayPattern } from './pattern.ts'
export { lineageOf, UPCASTERS, type Upcaster } from './upcast.ts'
