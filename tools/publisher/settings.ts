import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROLES, type Role } from '../../src/core/tuf/refusal.ts';
import { unlessCode } from '../models/errno.ts';
import { writeWhole } from '../models/stamp.ts';
import { PublisherError } from './publisherError.ts';

const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650));
const SettingsSchema = v.strictObject({
  /** For how long each signature holds. A device that gets no newer one for that long accepts nothing new. */
  expiresDays: v.strictObject({ root: days, timestamp: days, snapshot: days, targets: days }),
});
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** Long enough for a catalog that nobody signs again every week. A fleet that is updated daily wants a timestamp of a few days. */
export const DEFAULT_SETTINGS: Settings = { expiresDays: { root: 365, timestamp: 90, snapshot: 90, targets: 365 } };

const fileOf = (keys: string): string => join(keys, 'settings.json');

export async function readSettings(keys: string): Promise<Settings> {
  const text = await readFile(fileOf(keys), 'utf8').catch(unlessCode('ENOENT'));
  if (text === undefined) return DEFAULT_SETTINGS;
  try {
    return v.parse(SettingsSchema, JSON.parse(text));
  } catch (cause) {
    throw new PublisherError('keys', `${fileOf(keys)} is not what this tool wrote. Correct it, or delete it for the defaults.`, cause);
  }
}

export const writeSettings = (keys: string, settings: Settings): Promise<void> =>
  writeWhole(fileOf(keys), `${JSON.stringify(settings, undefined, 1)}\n`);

/** `root=2,targets=3` as numbers by role. @throws PublisherError `usage` */
export function parseByRole(text: string | undefined, option: string): Map<Role, number> {
  const pairs = (text ?? '').split(',').filter((part) => part !== '');
  return new Map(
    pairs.map((part) => {
      const [name, number] = part.split('=');
      const role = ROLES.find((each) => each === name);
      const value = Number(number);
      if (role && Number.isInteger(value) && value >= 1 && value <= 3650) return [role, value];
      throw new PublisherError(
        'usage',
        `--${option} is written as root=2,timestamp=1, with the roles ${ROLES.join(', ')}. It was "${text}".`,
      );
    }),
  );
}
