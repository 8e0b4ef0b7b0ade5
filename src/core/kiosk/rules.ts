import * as v from 'valibot';
import { SillError } from '../errors.ts';
import { isModelId } from '../ids.ts';
import { PinHashSchema } from './pin.ts';

export const KIOSK_TASKS = ['chat', 'write', 'search', 'transcribe', 'run'] as const;
export type KioskTask = (typeof KIOSK_TASKS)[number];

/** Long enough to read an answer, short enough that the next person does not read it too. */
export const DEFAULT_IDLE_SECONDS = 90;

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));

/** What a kiosk is for, as whoever sets it up says. */
export const KioskScreenSchema = v.strictObject({
  task: v.picklist(KIOSK_TASKS, `expected one of ${KIOSK_TASKS.join(', ')}`),
  /** By default the first installed one that can do the task. */
  model: v.exactOptional(v.pipe(v.string(), v.guard(isModelId, 'expected a model id such as "stories15m"'))),
  /** What a chat begins with, unseen. What was evaluated of it is kept over sessions. */
  instructions: v.exactOptional(text(20_000)),
  /** Over the screen, in place of Sill's own words. */
  title: v.exactOptional(text(80)),
  /** Without a touch, until everything of the session is deleted. */
  idleSeconds: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(15), v.maxValue(3600))),
});
export type KioskScreen = v.InferOutput<typeof KioskScreenSchema>;
/** As whoever sets it up writes it. */
export type KioskWish = v.InferInput<typeof KioskScreenSchema>;

/** The policy's part. With a task the device shows that and nothing else; without one it keeps its views, and what changes something is locked. */
export const KioskRulesSchema = v.strictObject({
  ...v.partial(KioskScreenSchema, ['task']).entries,
  /** Of the staff, as *Device, Kiosk* makes it, or `npm run sill -- pin`. */
  pin: v.exactOptional(PinHashSchema),
});
export type KioskRules = v.InferOutput<typeof KioskRulesSchema>;

/** Absent where the views stay. */
export function screenOf({ pin: _, task, ...screen }: KioskRules): KioskScreen | undefined {
  return task === undefined ? undefined : { task, ...screen };
}

const READ = ['model', 'title'] as const;
/** What of an address is a kiosk's. */
export const KIOSK_PARAMS = ['kiosk', 'idle', ...READ] as const;

/**
 * `?kiosk=chat&model=stories15m&idle=60&title=Ask`: what an address asks for; absent where it asks for no kiosk.
 * @throws SillError `invalid_request` naming what is wrong, so that a device which is set up with a misspelt address says so
 */
export function kioskOfAddress(params: { get(name: string): string | null }): KioskScreen | undefined {
  const task = params.get('kiosk');
  if (task === null) return undefined;
  const idle = params.get('idle');
  const read = v.safeParse(KioskScreenSchema, {
    task,
    ...Object.fromEntries(READ.flatMap((name) => (params.get(name) ? [[name, params.get(name)]] : []))),
    ...(idle ? { idleSeconds: Number(idle) } : {}),
  });
  if (read.success) return read.output;
  const field = v.getDotPath(read.issues[0]) ?? 'kiosk';
  throw new SillError(
    'invalid_request',
    `The address asks for a kiosk that cannot be: ${field === 'task' ? 'kiosk' : field === 'idleSeconds' ? 'idle' : field}: ${read.issues[0].message}.`,
    { details: { field } },
  );
}
