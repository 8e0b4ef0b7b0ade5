import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { HubFile, HubListing } from '../core/hubModel.ts';
import { isPlainPath } from '../core/manifest.ts';
import { POOLING_FILE } from '../core/pooling.ts';
import type { Fetcher, HubServer } from '../ports/delivery.ts';
import { openIncoming } from './incoming.ts';
import { isHtml, statusFailure, TransferFailure } from './transferFailure.ts';

export interface HubServerOptions {
  readonly fetcher: Fetcher;
  readonly stallMs?: number;
}

const STALL_MS = 20_000;
const TEXT_CAP_BYTES = 32 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

const text = v.fallback(v.optional(v.string()), undefined);
const ApiSchema = v.looseObject({
  sha: v.pipe(v.string(), v.regex(COMMIT)),
  pipeline_tag: text,
  cardData: v.fallback(
    v.optional(v.looseObject({ license: text, language: v.fallback(v.optional(v.union([v.string(), v.array(v.string())])), undefined) })),
    undefined,
  ),
  safetensors: v.fallback(v.optional(v.looseObject({ total: v.number() })), undefined),
  siblings: v.array(
    v.looseObject({
      rfilename: v.string(),
      size: v.fallback(v.optional(v.number()), undefined),
      lfs: v.fallback(v.optional(v.looseObject({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })), undefined),
    }),
  ),
});

/** What is asked for where a server keeps no list: every file that some model of this layout needs. */
const PROBED = [
  ...[
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'generation_config.json',
    'preprocessor_config.json',
    'processor_config.json',
    POOLING_FILE,
  ],
  ...['model.onnx', 'model_quantized.onnx', 'model_optimized.onnx'],
  ...['LICENSE', 'LICENSE.txt', 'LICENSE.md'],
  ...['model', 'encoder_model', 'decoder_model_merged'].flatMap((name) =>
    ['', '_fp16', '_int8', '_quantized', '_q4', '_q4f16'].flatMap((dtype) => [
      `onnx/${name}${dtype}.onnx`,
      `onnx/${name}${dtype}.onnx_data`,
    ]),
  ),
];
/** Six connections to one server are what a browser opens. */
const PROBES_AT_ONCE = 6;

const resolveUrl = (url: string, repository: string, revision: string, path: string): string =>
  `${url}${repository}/resolve/${encodeURIComponent(revision)}/${path}`;

export function createHubServer({ fetcher, stallMs = STALL_MS }: HubServerOptions): HubServer {
  /** `undefined` for a file that is not there: hubs answer 404, and 401 for what a stranger must not know of. */
  const open = async (href: string, init: RequestInit, signal: AbortSignal) => {
    try {
      const incoming = await openIncoming(fetcher, href, { cache: 'no-store', ...init }, { stallMs, signal });
      const { response } = incoming;
      if (response.ok && !isHtml(response)) return incoming;
      incoming.close();
      if ([401, 403, 404, 410].includes(response.status)) return undefined;
      throw response.ok ? new TransferFailure({ kind: 'html' }, href) : statusFailure(response, href);
    } catch (reason) {
      signal.throwIfAborted();
      throw reason instanceof TransferFailure ? reason.toSillError() : reason;
    }
  };

  const read = async (href: string, signal: AbortSignal): Promise<string | undefined> => {
    const incoming = await open(href, {}, signal);
    if (!incoming) return undefined;
    try {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      let sizeBytes = 0;
      for (let bytes = await incoming.read(); bytes; bytes = await incoming.read()) {
        sizeBytes += bytes.length;
        if (sizeBytes > TEXT_CAP_BYTES) throw new TransferFailure({ kind: 'short' }, href);
        pieces.push(bytes);
      }
      return await new Blob(pieces).text();
    } catch (reason) {
      signal.throwIfAborted();
      throw reason instanceof TransferFailure ? reason.toSillError() : reason;
    } finally {
      incoming.close();
    }
  };

  const probe = async (url: string, repository: string, revision: string, path: string, signal: AbortSignal) => {
    const incoming = await open(resolveUrl(url, repository, revision, path), { method: 'HEAD' }, signal);
    if (!incoming) return undefined;
    incoming.close();
    const { headers } = incoming.response;
    const sizeBytes = Number(headers.get('x-linked-size') ?? headers.get('content-length') ?? Number.NaN);
    const sha256 = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
    const file: HubFile | undefined = sizeBytes > 0 ? { path, sizeBytes, ...(sha256 ? { sha256 } : {}) } : undefined;
    return { file, commit: headers.get('x-repo-commit') ?? undefined };
  };

  const listByApi = async (url: string, repository: string, revision: string, signal: AbortSignal): Promise<HubListing | undefined> => {
    const json = await read(`${url}api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`, signal).catch(
      (reason: unknown) => {
        // A plain file server answers with its own page, and then the files themselves are asked.
        if (reason instanceof SillError && reason.code === 'chunk_unavailable') return undefined;
        throw reason;
      },
    );
    const parsed = json === undefined ? undefined : v.safeParse(ApiSchema, jsonOf(json));
    if (!parsed?.success) return undefined;
    const { sha, pipeline_tag, cardData, safetensors, siblings } = parsed.output;
    const files = siblings.flatMap(({ rfilename, size, lfs }): HubFile[] =>
      size === undefined || size < 1 || !isPlainPath(rfilename)
        ? []
        : [{ path: rfilename, sizeBytes: size, ...(lfs ? { sha256: lfs.sha256 } : {}) }],
    );
    // Some servers list names only.
    if (files.length === 0) return undefined;
    return {
      commit: sha,
      files,
      ...(pipeline_tag === undefined ? {} : { pipeline: pipeline_tag }),
      ...(cardData?.license === undefined ? {} : { licence: cardData.license }),
      ...(cardData?.language === undefined ? {} : { languages: [cardData.language].flat() }),
      ...(safetensors ? { parameters: safetensors.total } : {}),
    };
  };

  const listByProbes = async (url: string, repository: string, revision: string, signal: AbortSignal): Promise<HubListing> => {
    const first = await probe(url, repository, revision, 'config.json', signal);
    if (!first) throw unknown(url, repository, revision);
    const commit = first.commit ?? revision;
    if (!COMMIT.test(commit)) throw noCommit(url, repository, revision);
    const files: HubFile[] = first.file ? [first.file] : [];
    const left = PROBED.filter((path) => path !== 'config.json');
    const ask = async (): Promise<void> => {
      for (let path = left.shift(); path !== undefined; path = left.shift()) {
        const found = await probe(url, repository, commit, path, signal);
        if (found?.file) files.push(found.file);
      }
    };
    await Promise.all(Array.from({ length: PROBES_AT_ONCE }, ask));
    return { commit, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  };

  return {
    list: async (url, repository, revision, signal) =>
      (await listByApi(url, repository, revision, signal)) ?? listByProbes(url, repository, revision, signal),
    text: (url, repository, commit, path, signal) => read(resolveUrl(url, repository, commit, path), signal),
  };
}

function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const unknown = (url: string, repository: string, revision: string): SillError =>
  new SillError(
    'unknown_model',
    `${url} has no model ${repository} at "${revision}" that everybody may read. Check the spelling; models behind a sign-in cannot be added.`,
    { details: { url, repository, revision } },
  );

const noCommit = (url: string, repository: string, revision: string): SillError =>
  new SillError(
    'invalid_request',
    `${url} does not say which commit "${revision}" of ${repository} is, so that it could not be told later whether it changed. Name the ` +
      `commit, as ${repository}@0123abcd… with all of its 40 digits.`,
    { details: { url, repository, revision } },
  );
