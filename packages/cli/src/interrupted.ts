/** Thrown when the user interrupted the work, which has been saved and can be resumed. */
export class Interrupted extends Error {}
