/**
 * Signature Version 4, from the server's side.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export type { SignedRequest } from './canonical.ts'
export type { Refusal } from './refusal.ts'
export type { Verifier } from './scope.ts'
export { type ChunkedPayload, type Payload, type Verified, verifyBuffered, verifySignature } from './verify.ts'
