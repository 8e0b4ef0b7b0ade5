import * as v from 'valibot';

/** Below this a server would give up on us before a chunk is here. */
const SLOWEST_BYTES_PER_SECOND = 4 * 1024;

/** What this device does about downloads. */
export const DownloadSettingsSchema = v.strictObject({
  /** All downloads together; absent means as fast as it comes. */
  bytesPerSecond: v.exactOptional(
    v.pipe(v.number(), v.integer(), v.minValue(SLOWEST_BYTES_PER_SECOND, `expected at least ${SLOWEST_BYTES_PER_SECOND} bytes per second`)),
  ),
  /** On a connection that costs by the byte: wait until a person says go on, or do not care. */
  metered: v.exactOptional(v.picklist(['ask', 'allow']), 'ask'),
});

export type DownloadSettings = v.InferOutput<typeof DownloadSettingsSchema>;
export type DownloadSettingsData = v.InferInput<typeof DownloadSettingsSchema>;

export const DEFAULT_DOWNLOAD_SETTINGS: DownloadSettings = { metered: 'ask' };
