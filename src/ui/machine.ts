/** Commands are given with Command here, and with Control everywhere else. */
export const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);
