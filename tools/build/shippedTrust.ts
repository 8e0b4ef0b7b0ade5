import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVersionFloor, type ShippedTrust } from '../../src/core/trust.ts';
import { parseMetadata } from '../../src/core/tuf/metadata.ts';

/**
 * What the app is to trust, as the publisher's tools laid it down.
 * @throws Error naming the folder: an app that trusts nobody, or somebody by mistake, must not be built
 */
export function readShippedTrust(folder: string): Required<ShippedTrust> {
  try {
    const root = readFileSync(join(folder, 'root.json'), 'utf8');
    const floor = readFileSync(join(folder, 'floor.json'), 'utf8');
    parseMetadata('root', root);
    parseVersionFloor(JSON.parse(floor));
    return { root, floor };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new Error(
      `${folder} must hold root.json and floor.json, which say whose models the app accepts (${reason}). \`npm run models\` makes them ` +
        'for this checkout, `npm run sill -- init` for a catalog of its own.',
      { cause },
    );
  }
}
