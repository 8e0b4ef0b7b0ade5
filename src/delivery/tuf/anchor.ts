import { SillError } from '../../core/errors.ts';
import { NO_FLOOR, parseVersionFloor, type ShippedTrust, type TrustState, type VersionFloor } from '../../core/trust.ts';
import { type Metadata, parseMetadata } from '../../core/tuf/metadata.ts';
import { refusal } from '../../core/tuf/refusal.ts';
import type { TrustStore } from '../../ports/delivery.ts';
import { type Kept, restore } from './refresh.ts';
import type { Verifier } from './verifier.ts';

export interface AnchorOptions {
  readonly shipped: ShippedTrust;
  readonly trust: TrustStore;
}

/** Where trust begins: what this device verified last, and what the app was shipped with. */
export interface Anchor {
  known(): Promise<{ readonly state: TrustState | undefined; readonly kept: Kept | undefined }>;
  /** @throws SillError `untrusted_catalog` for an app that was built with something else than a root */
  shipped(): Promise<{ readonly shipped: Metadata<'root'>; readonly floor: VersionFloor }>;
}

export function createAnchor({ trust, shipped: { root, floor }, verifier }: AnchorOptions & { readonly verifier: Verifier }): Anchor {
  let verified: Kept | undefined;
  return {
    async known() {
      const state = await trust.read();
      if (!state) return { state, kept: undefined };
      // Ten thousand revisions take 100 ms to verify, and each manifest asks.
      if (verified && sameTexts(verified.state, state)) return { state, kept: { set: verified.set, state } };
      try {
        verified = await restore(state, verifier);
        return { state, kept: verified };
      } catch (reason) {
        if (!(reason instanceof SillError) || reason.code !== 'untrusted_catalog') throw reason;
        // What is stored is not what was verified, so that it protects against nothing: begin again with what was shipped.
        await trust.clear();
        return { state: undefined, kept: undefined };
      }
    },
    async shipped() {
      const shipped = parseMetadata('root', root, 'trust/root.json');
      await verifier.assertSigned(shipped.signed, shipped, 'trust/root.json');
      return { shipped, floor: shippedFloor(floor) };
    },
  };
}

const sameTexts = (a: TrustState, b: TrustState): boolean =>
  a.root === b.root && a.timestamp === b.timestamp && a.snapshot === b.snapshot && a.targets === b.targets;

function shippedFloor(text: string | undefined): VersionFloor {
  if (text === undefined) return NO_FLOOR;
  try {
    return parseVersionFloor(JSON.parse(text));
  } catch {
    // Going on without would lower a protection because of a broken build.
    throw refusal('malformed', 'trust/floor.json');
  }
}
