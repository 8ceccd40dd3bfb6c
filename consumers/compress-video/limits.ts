/** What lies above is for streaming: a file of an hour of it is larger than a chat should fetch. */
export const MAX_SHORT_SIDE = 720

/** Of one processor, for all that is encoded of one video: a function of 3,008 MB has 1.7 of them, and encodes for 240 s. */
export const MAX_PROCESSOR_SECONDS = 400
