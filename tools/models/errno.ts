export const hasCode = (reason: unknown, ...codes: readonly string[]): boolean =>
  reason instanceof Error && 'code' in reason && typeof reason.code === 'string' && codes.includes(reason.code);

/** For `catch`: lets these codes pass as nothing, and throws everything else on. */
export const unlessCode =
  (...codes: readonly string[]) =>
  (reason: unknown): undefined => {
    if (hasCode(reason, ...codes)) return undefined;
    throw reason;
  };
