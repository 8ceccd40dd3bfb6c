/**
 * By kind of media: the steps without which it is not ready. Frozen into each media's document on the day of its
 * upload, so that a later change here touches no media that is under way.
 */
export const REQUIRED_STEPS: Readonly<Record<string, readonly string[]>> = {
  image: ['extract-metadata', 'generate-thumbnail', 'optimize-image'],
}
