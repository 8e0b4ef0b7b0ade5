/** `1 part`, `3 parts`: in what is said in English alone, as messages of errors. Views go by the forms of the reader's language (`plural`). */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
