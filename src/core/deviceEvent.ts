import type { ErrorData } from './errors.ts';
import type { Fallback, RunForm } from './forms.ts';
import type { ModelId } from './ids.ts';
import type { Restart } from './kiosk/watchdog.ts';

/** Something that went wrong while models ran on this device, or that changed how they run. */
export type DeviceEvent = { readonly atMs: number } & (
  | {
      readonly type: 'loss';
      readonly model: ModelId;
      readonly form: RunForm;
      readonly error: ErrorData;
    }
  /** It was started otherwise than its variant was made to run. */
  | { readonly type: 'fallback'; readonly model: ModelId; readonly form: RunForm; readonly fallback: Fallback }
  /** Between two sessions of a kiosk, because memory had grown. */
  | {
      readonly type: 'restart';
      readonly what: Restart;
      readonly sessions: number;
      readonly bytes: number;
      readonly baseBytes: number;
    }
);

/** The latest are kept: enough for whoever looks into a device that was left alone for a week. */
export const MAX_EVENTS = 200;
