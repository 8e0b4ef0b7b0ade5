import * as v from 'valibot';
import { ChatTemplateSchema, chatTemplateOf } from '../../core/chatTemplate.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../ports/store.ts';

const TokenizerConfigSchema = v.looseObject({ chat_template: ChatTemplateSchema });

/** Where a model is, as far as its template is concerned. */
export interface Whereabouts {
  readonly isInstalled: boolean;
  /** Its publisher packed it with Sill, which writes the template of its files into the manifest. */
  readonly isPacked: boolean;
}

/** How models with weights are spoken to: by the template in their manifest, else by the one in their tokenizer's file. */
export interface ChatTemplates {
  /** Of a model that is on this device. Undefined where it has none, or the file is damaged: that is told of when it is loaded. */
  of(manifest: Manifest): Promise<string | undefined>;
  /** Undefined of a model that writes no text, and where only its files can tell and those are not here. */
  holdsConversations(manifest: Manifest, where: Whereabouts): Promise<boolean | undefined>;
}

export function createChatTemplates({ chunks }: Pick<Store, 'chunks'>): ChatTemplates {
  /** By the digests of the file, which is read once: lists are made at every change of a model. */
  const read = new Map<string, { readonly template: string | undefined }>();

  /** Undefined where the file is not to be had. */
  const inFile = async ({ task, files }: Manifest): Promise<{ readonly template: string | undefined } | undefined> => {
    const file = files.find(({ path }) => path === 'tokenizer_config.json');
    if (task !== 'text-generation' || !file) return { template: undefined };
    const digests = file.chunks.map(({ digest }) => digest);
    const key = digests.join();
    const known = read.get(key);
    if (known) return known;
    try {
      const blob = await chunks.join(digests);
      if (!blob) return undefined;
      const found = { template: chatTemplateOf(v.parse(TokenizerConfigSchema, JSON.parse(await blob.text())).chat_template) };
      read.set(key, found);
      return found;
    } catch {
      // A file that cannot be read is told of when the model is loaded.
      return undefined;
    }
  };

  return {
    of: async (manifest) => manifest.chatTemplate ?? (await inFile(manifest))?.template,
    async holdsConversations(manifest, { isInstalled, isPacked }) {
      if (manifest.task !== 'text-generation') return undefined;
      if (manifest.chatTemplate !== undefined) return true;
      if (!isInstalled) return isPacked ? false : undefined;
      const found = await inFile(manifest);
      return found && found.template !== undefined;
    },
  };
}
