const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What one guest has used, as it is kept from one start to the next. `day` counts from 1970, in UTC. */
export interface Spent {
  readonly day: number;
  readonly tokens: number;
  readonly requests: number;
}

/** Holds one guest to its requests a minute and its tokens a day. */
export interface Allowance {
  /** Takes one request; where there is none left, says after how many seconds there is. */
  takeRequest(nowMs: number, perMinute: number): number | undefined;
  /**
   * Sets tokens aside for an answer that is about to be written, so that many at once cannot take more together than one after the other.
   * @param wanted at most
   * @returns how many, 0 where none are left
   */
  reserve(nowMs: number, perDay: number, wanted: number): number;
  /** Counts what was really used in place of what was set aside. */
  settle(nowMs: number, reserved: number, used: number): Spent;
  spent(nowMs: number): Spent;
}

export function createAllowance(before: Spent = { day: 0, tokens: 0, requests: 0 }): Allowance {
  let { day, tokens, requests } = before;
  let reservedTokens = 0;
  let left: number | undefined;
  let leftAtMs = 0;

  const turn = (nowMs: number) => {
    const today = Math.floor(nowMs / DAY_MS);
    if (today === day) return;
    day = today;
    tokens = 0;
    requests = 0;
  };

  return {
    takeRequest(nowMs, perMinute) {
      const passedMs = Math.max(0, nowMs - leftAtMs);
      left = Math.min(perMinute, (left ?? perMinute) + (passedMs * perMinute) / MINUTE_MS);
      leftAtMs = nowMs;
      if (left < 1) return Math.max(1, Math.ceil(((1 - left) * MINUTE_MS) / perMinute / 1000));
      left -= 1;
      turn(nowMs);
      requests += 1;
      return undefined;
    },
    reserve(nowMs, perDay, wanted) {
      turn(nowMs);
      const given = Math.max(0, Math.min(wanted, perDay - tokens - reservedTokens));
      reservedTokens += given;
      return given;
    },
    settle(nowMs, reserved, used) {
      turn(nowMs);
      reservedTokens -= reserved;
      tokens += used;
      return { day, tokens, requests };
    },
    spent(nowMs) {
      turn(nowMs);
      return { day, tokens, requests };
    },
  };
}
