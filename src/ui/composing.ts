/**
 * Whether a key belongs to a word that is still being composed, as Japanese, Chinese and Korean are written: it confirms a proposal there, and does
 * nothing else. Safari tells of the last key of a word by the code 229 alone (https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode).
 */
export const isComposing = (event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean => event.isComposing || event.keyCode === 229;
