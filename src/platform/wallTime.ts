import type { WallTime } from '../core/updatePolicy.ts';

/** What the clock on the wall shows, by the device's own time zone and its summer time. */
export function wallTime(date = new Date()): WallTime {
  return { weekday: date.getDay(), minutes: date.getHours() * 60 + date.getMinutes() };
}
