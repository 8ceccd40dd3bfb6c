/**
 * Signature Version 4, from the server's side.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export { type QueryParameters, type SignedRequest, splitTarget } from './canonical.ts'
export { BodyRefused, ChunkDecoder } from './chunks.ts'
export { verifyPolicySignature } from './policy.ts'
export type { Refusal } from './refusal.ts'
export type { Verifier } from './scope.ts'
export { type ChunkedPayload, type Payload, type Verified, verifyBuffered, verifySignature } from './verify.ts'
