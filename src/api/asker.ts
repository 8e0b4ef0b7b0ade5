import { guestSalt } from '../core/guests.ts';
import type { EngineEvent } from '../protocol/engineReports.ts';
import type { ModelList } from '../protocol/modelReports.ts';
import type { Usage } from '../protocol/openai.ts';
import type { UpstreamSummary } from '../protocol/upstreams.ts';
import type { Guests } from '../services/guests/guests.ts';

interface Keeping {
  readonly keep_alive?: number | null | undefined;
}
interface Generating extends Keeping {
  readonly prompt?: unknown;
  readonly messages?: unknown;
  readonly tools?: unknown;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  readonly n?: number | null | undefined;
  readonly cache_salt?: string | null | undefined;
  readonly cache_prompt?: boolean | 'persist' | null | undefined;
}

/** Who asks over a connection, and what follows from it. */
export interface Asker {
  /** By whose name its requests stand in line: a tab, or all frames of one guest together. */
  readonly client: string;
  /** Runs a request that writes, as this asker may have it. */
  generate<P extends Generating, R extends { readonly usage?: Usage }>(params: P, work: (params: P) => Promise<R>): Promise<R>;
  embed<P extends Keeping & { readonly input: unknown }, R extends { readonly usage: { readonly total_tokens: number } }>(
    params: P,
    work: (params: P) => Promise<R>,
  ): Promise<R>;
  bounded<P extends Keeping>(params: P): P;
  list(models: ModelList): Promise<ModelList>;
  /**
   * Of names under which another computer answers, those that this asker may use. A guest only where its grant names them, since a grant of every model, and the question
   * that a person is asked, speak of this device.
   */
  aliases<T extends { readonly alias: string }>(all: readonly T[]): Promise<readonly T[]>;
  upstreams(all: readonly UpstreamSummary[]): Promise<readonly UpstreamSummary[]>;
  hears(event: EngineEvent): boolean;
}

export interface AskerDeps {
  readonly connection: string;
  /** The origin of a page that embeds Sill; absent for a tab of the app's own. */
  readonly guest: string | undefined;
  readonly guests: () => Promise<Guests>;
}

export const createAsker = ({ connection, guest, guests }: AskerDeps): Asker => {
  if (guest === undefined) {
    return {
      client: connection,
      generate: (params, work) => work(params),
      embed: (params, work) => work(params),
      bounded: (params) => params,
      list: async (models) => models,
      aliases: async (all) => all,
      upstreams: async (all) => all,
      hears: () => true,
    };
  }
  const bounded = <P extends Keeping>(params: P): P => {
    // How long a model stays is nothing that one guest decides for all others.
    const { keep_alive } = params;
    return typeof keep_alive === 'number' && (keep_alive < 0 || keep_alive > LONGEST_KEEP_MS)
      ? { ...params, keep_alive: undefined }
      : params;
  };
  const grantNow = async () => (await guests()).enter(guest, { right: 'infer', counted: false });
  const aliases: Asker['aliases'] = async (all) => {
    // As it is almost everywhere: no request needs to look.
    if (all.length === 0) return all;
    const { models: granted, rights } = await grantNow();
    return all.filter(({ alias }) => granted?.includes(alias) ?? rights.includes('manage'));
  };
  return {
    client: `guest:${guest}`,
    bounded,
    async generate(params, work) {
      const answers = params.n ?? 1;
      const wanted = params.max_completion_tokens ?? params.max_tokens ?? undefined;
      const read = aboutTokens([params.prompt, params.messages, params.tools]);
      return (await guests()).spend(guest, { read, wanted: wanted === undefined ? undefined : wanted * answers }, async (bound) => {
        const own = {
          ...bounded(params),
          // By the connection and never by the request alone: how fast an answer begins tells what was asked before.
          cache_salt: guestSalt(guest, params.cache_salt),
          // What is kept on the device is bounded for all together.
          cache_prompt: params.cache_prompt === 'persist' ? true : params.cache_prompt,
          ...(bound === undefined ? {} : boundOf(params, Math.max(1, Math.floor(bound / answers)))),
        };
        const result = await work(own);
        return { result, tokens: result.usage?.total_tokens ?? read + (bound ?? 0) };
      });
    },
    async embed(params, work) {
      return (await guests()).spend(guest, { read: aboutTokens(params.input), wanted: 1 }, async () => {
        const result = await work(bounded(params));
        return { result, tokens: result.usage.total_tokens };
      });
    },
    async list(list) {
      const { models: granted, rights } = await grantNow();
      if (!granted || rights.includes('manage')) return list;
      return { ...list, models: list.models.filter(({ id }) => granted.includes(id)) };
    },
    aliases,
    async upstreams(all) {
      const { rights } = await grantNow();
      const asked = await aliases(all);
      // How a server fares is what others asked of it.
      return rights.includes('manage') ? asked : asked.map(({ health: _, ...upstream }) => upstream);
    },
    // That something changed with the models, and nothing of what others do with them.
    hears: ({ type }) => type === 'models' || type === 'downloads',
  };
};

/** As long as a model stays by itself. */
const LONGEST_KEEP_MS = 5 * 60_000;

/** A token of the usual vocabularies is about four characters; what was really read is counted in the end. */
const aboutTokens = (read: unknown): number => Math.ceil((JSON.stringify(read)?.length ?? 0) / 4);

const boundOf = ({ max_completion_tokens, max_tokens }: Generating, bound: number) =>
  max_completion_tokens === undefined || max_completion_tokens === null
    ? { max_tokens: Math.min(max_tokens ?? bound, bound) }
    : { max_completion_tokens: Math.min(max_completion_tokens, bound) };
