import { type Catalog, parseCatalog } from '../../core/catalog.ts';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import { canonicalManifest, parseManifest } from '../../core/manifest.ts';
import type { CatalogSource, Digests, Fetcher } from '../../ports/delivery.ts';
import { type Incoming, openIncoming } from '../incoming.ts';
import { isHtml, TransferFailure } from '../transferFailure.ts';

export interface StaticCatalogOptions {
  /** Absolute. Manifests and files lie in folders below it. */
  readonly catalogUrl: string;
  readonly fetcher: Fetcher;
  readonly digests: Digests;
  readonly stallMs?: number;
}

const MIB = 1024 * 1024;
/** Ten thousand entries take about 3 MiB. An endless answer must not fill the memory of a tablet. */
const CATALOG_CAP_BYTES = 8 * MIB;
/** 65,536 chunks of one file take about 7 MiB. */
const MANIFEST_CAP_BYTES = 32 * MIB;
const STALL_MS = 20_000;

type InvalidCode = Extract<ErrorCode, 'invalid_catalog' | 'invalid_manifest'>;

/**
 * An unsigned catalog, for tests of what comes after trust. The app takes signed ones only.
 */
export function createStaticCatalog(options: StaticCatalogOptions): CatalogSource {
  const { catalogUrl, fetcher, digests, stallMs = STALL_MS } = options;
  const folder = new URL('.', catalogUrl).href;

  const below = (path: string): string => {
    const { href } = new URL(path, folder);
    if (href.startsWith(folder)) return href;
    throw new SillError('invalid_catalog', 'The list of models names a file outside of its folder. Nothing was fetched.', {
      details: { path },
    });
  };

  const json = async (url: string, capBytes: number, invalid: InvalidCode, signal = new AbortController().signal): Promise<unknown> => {
    try {
      const incoming = await openIncoming(fetcher, url, { cache: 'no-store' }, { stallMs, signal });
      return await readJson(incoming, url, capBytes, invalid);
    } catch (reason) {
      if (!signal.aborted) throw reason instanceof TransferFailure ? reason.toSillError() : reason;
      throw new SillError('aborted', 'The request was cancelled.', { cause: reason });
    }
  };

  let known: Catalog | undefined;
  return {
    async catalog(signal) {
      known = parseCatalog(await json(catalogUrl, CATALOG_CAP_BYTES, 'invalid_catalog', signal));
      return known;
    },
    known: async () => known,
    async manifest(entry, signal) {
      const url = below(`${entry.path}/manifest.json`);
      const manifest = parseManifest(await json(url, MANIFEST_CAP_BYTES, 'invalid_manifest', signal));
      const revision: string = await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest)));
      if (revision === entry.revision && manifest.id === entry.id) return manifest;
      throw new SillError(
        'invalid_manifest',
        `The manifest of ${entry.id} is not the one that the list of models names: it was changed or published by halves. Nothing was ` +
          'installed. Try again later, or ask the operator of this site to publish the model again.',
        { details: { expected: entry.revision, actual: revision, id: manifest.id } },
      );
    },
    fileUrl: (entry, path) => below(`${entry.path}/${path}`),
  };
}

async function readJson(incoming: Incoming, url: string, capBytes: number, invalid: InvalidCode): Promise<unknown> {
  const { response } = incoming;
  const refuse = (code: ErrorCode, message: string) => {
    incoming.close();
    return new SillError(code, `${message} Installed models keep working. Ask the operator of this site to publish the models again.`, {
      details: { url, status: response.status },
    });
  };
  if (response.status !== 200) throw refuse('catalog_unavailable', `The server answered with status ${response.status} for ${url}.`);
  if (isHtml(response)) throw refuse(invalid, `The server answered with a web page in place of ${url}.`);

  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let sizeBytes = 0;
  for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
    sizeBytes += bytes.length;
    if (sizeBytes > capBytes) throw refuse(invalid, `The answer for ${url} is larger than ${capBytes / MIB} MiB.`);
    try {
      text += decoder.decode(bytes, { stream: true });
    } catch {
      throw refuse(invalid, `The answer for ${url} is not text.`);
    }
  }
  incoming.close();
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(invalid, `The answer for ${url} is not JSON.`);
  }
}
