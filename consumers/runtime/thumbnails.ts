import type { Form } from '../../ports/images/images.ts'

/** What a list, a bubble and a gallery show of a photo, and of the picture that stands for a video. */
export const THUMBNAILS: readonly Form[] = [
  { name: 'thumb', maxSide: 160, encoding: 'webp', quality: 80 },
  { name: 'medium', maxSide: 640, encoding: 'webp', quality: 80 },
  { name: 'large', maxSide: 1280, encoding: 'webp', quality: 80 },
]
