export type { StoredObject } from './generated/shapes.ts'
