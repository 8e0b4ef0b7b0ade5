/** Keys under which a page keeps what is of the kiosk and not of a person, besides the lock itself. */

/** Where this tab was opened. */
export const START_KEY = 'sill-start';
/** The choices that held when a device was locked that keeps its views. */
export const BEFORE_KEY = 'sill-kiosk-before';
