import * as v from 'valibot';

const timeOfDay = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 22:30'));
/** 0 is Sunday, as in JavaScript's Date. */
const weekday = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(6));
const channel = v.exactOptional(v.picklist(['stable', 'beta']), 'stable');

/** What this device does about updates of its models by itself. */
export const UpdatePolicySchema = v.variant('mode', [
  /** Not even looked for. */
  v.strictObject({ mode: v.literal('off'), channel }),
  /** Looked for and told. */
  v.strictObject({ mode: v.literal('notify'), channel }),
  /** Applied once nobody has asked a model for anything for some minutes. */
  v.strictObject({
    mode: v.literal('idle'),
    channel,
    idleMinutes: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1440)), 5),
  }),
  /** Applied in a span of local time. Where `to` is before `from` it runs over midnight and belongs to the day on which it begins. */
  v.strictObject({
    mode: v.literal('window'),
    channel,
    days: v.pipe(v.array(weekday), v.minLength(1), v.maxLength(7)),
    from: timeOfDay,
    to: timeOfDay,
  }),
]);

export type UpdatePolicy = v.InferOutput<typeof UpdatePolicySchema>;
export type UpdatePolicyData = v.InferInput<typeof UpdatePolicySchema>;
export type UpdateWindow = Extract<UpdatePolicy, { mode: 'window' }>;

export const DEFAULT_UPDATE_POLICY: UpdatePolicy = { mode: 'notify', channel: 'stable' };

/** Whether the device looks after itself: nobody is there to be asked. */
export const isUnattended = ({ mode }: UpdatePolicy): boolean => mode === 'idle' || mode === 'window';

/**
 * What the clock on the wall shows. The window is held against this alone: no sum of milliseconds is involved, so that a day of 23 or 25
 * hours changes nothing. A span that a change of the clocks leaves out does not open on that night.
 */
export interface WallTime {
  readonly weekday: number;
  /** Since midnight, 0 to 1439. */
  readonly minutes: number;
}

export type WaitReason =
  | { readonly kind: 'policy-off' }
  | { readonly kind: 'policy-notify' }
  | { readonly kind: 'not-idle'; readonly idleMinutes: number }
  | { readonly kind: 'outside-window'; readonly days: readonly number[]; readonly from: string; readonly to: string };

export interface Moment {
  readonly wall: WallTime;
  /** Since the last request to a model; 0 while one is answered. */
  readonly idleMs: number;
}

/** Why an offered update is not applied by itself now; nothing when it may be. */
export function waitReason(policy: UpdatePolicy, moment: Moment): WaitReason | undefined {
  switch (policy.mode) {
    case 'off':
      return { kind: 'policy-off' };
    case 'notify':
      return { kind: 'policy-notify' };
    case 'idle':
      return moment.idleMs >= policy.idleMinutes * 60_000 && moment.idleMs > 0
        ? undefined
        : { kind: 'not-idle', idleMinutes: policy.idleMinutes };
    case 'window':
      return isOpen(policy, moment.wall) ? undefined : { kind: 'outside-window', days: policy.days, from: policy.from, to: policy.to };
  }
}

/** Equal ends mean the whole day. */
export function isOpen({ days, from, to }: Pick<UpdateWindow, 'days' | 'from' | 'to'>, { weekday: today, minutes }: WallTime): boolean {
  const start = minutesOf(from);
  const end = minutesOf(to);
  if (start < end) return days.includes(today) && minutes >= start && minutes < end;
  const yesterday = (today + 6) % 7;
  return (days.includes(today) && minutes >= start) || (days.includes(yesterday) && minutes < end);
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}
