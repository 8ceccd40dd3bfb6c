/** A file took more of something than any file may: it is at fault, as its limits were checked by its header. */
export class TooCostly extends Error {
  constructor(of: 'time' | 'memory') {
    super(`decoding took more ${of} than it may`)
  }
}
