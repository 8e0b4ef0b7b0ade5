import * as v from 'valibot';
import type { AttachedFile, Piece } from '../../core/chat/attachment.ts';
import { tokensPerLetter } from '../../core/chat/contextFit.ts';
import type { Head, Message } from '../../core/chat/conversation.ts';
import { asGiven, chooseGiven, filesOf, givenRoom, nearest, wholeFit, wholePieces } from '../../core/chat/given.ts';
import { SillError } from '../../core/errors.ts';
import { splitPassages } from '../../core/passages.ts';
import { dot } from '../../core/similarity.ts';
import type { Sill } from '../../protocol/sill.ts';
import { readPreference } from '../preferences.ts';

export const EMBEDDING = 'feature-extraction';
/** Small enough that stopping and progress feel immediate on a slow device. */
const BATCH = 8;
/** Asked of the documents of this device; those that are too far from the question are left out. */
const HITS = 6;

/** How far the reading of a question's files is; both are 0 before it is known. */
export interface Looking {
  readonly donePassages: number;
  readonly totalPassages: number;
}

export interface Asked {
  readonly head: Head;
  /** From the first message to the question. */
  readonly path: readonly Message[];
  readonly contextLength: number | undefined;
}

interface ReadPassage {
  readonly name: string;
  readonly text: string;
  readonly index: number;
  readonly vector: Float32Array;
}

type Scored = Piece & { readonly score: number };

/** The model that finds passages: as it was chosen in Search, else the first. */
export const embedderOf = <M extends { readonly id: string }>(installed: readonly M[]): M | undefined => {
  const wanted = readPreference('search.model', v.string(), '');
  return installed.find(({ id }) => id === wanted) ?? installed[0];
};

/** Finds what is put before a question: pieces of its files, and passages of the documents of this device. */
export class Finding {
  readonly #sill: Pick<Sill, 'models' | 'documents' | 'embeddings'>;
  /** Passages of files with their vectors, by revision and file: in memory alone, since they tell what the files say. */
  #read = new Map<string, readonly ReadPassage[]>();

  constructor(sill: Pick<Sill, 'models' | 'documents' | 'embeddings'>) {
    this.#sill = sill;
  }

  forget(): void {
    // Not emptied: what is being read at this moment is not to come back into it.
    this.#read = new Map();
  }

  /**
   * @returns the question with what was found, as much as the model's context holds
   * @throws SillError `model_not_installed` where nothing can be found without a model for it | `aborted` | what `embeddings` throws
   */
  async look({ head, path, contextLength }: Asked, signal: AbortSignal, onProgress: (looking: Looking) => void): Promise<Message> {
    const question = path.at(-1);
    if (!question) throw new SillError('internal', 'Nothing was asked.');
    const { text, sources = { files: [], documents: false } } = question;
    const files = filesOf(path).filter(({ id }) => sources.files.includes(id));
    const rate = tokensPerLetter(path, head.system);
    const answerTokens = head.parameters?.maxTokens ?? contextLength ?? 0;
    const roomTokens = givenRoom({ system: head.system, contextLength, answerTokens, tokensPerLetter: rate }, path.length === 1);
    const found = await this.#found(text, files, sources.documents, { roomTokens, rate, signal, onProgress });
    signal.throwIfAborted();
    return { ...question, given: [...asGiven(found, chooseGiven(text, found, roomTokens, rate))] };
  }

  async #found(
    question: string,
    files: readonly AttachedFile[],
    documents: boolean,
    by: {
      readonly roomTokens: number;
      readonly rate: number;
      readonly signal: AbortSignal;
      readonly onProgress: (looking: Looking) => void;
    },
  ): Promise<readonly Piece[]> {
    // All of them may be missing from a conversation that was brought in from a file.
    if (files.length === 0 && !documents) return [];
    const { isWhole } = wholeFit(question, files, { ...by, isAlone: !documents });
    if (isWhole && !documents) return wholePieces(files);
    const model = embedderOf((await this.#sill.models.list()).filter(({ task, installed }) => task === EMBEDDING && installed))?.id;
    if (model === undefined) {
      // Their beginnings are better than nothing, and the answer's sources say so.
      if (files.length > 0) return wholePieces(files);
      throw new SillError(
        'model_not_installed',
        'Finding passages in your documents needs a model for search, and none is installed. Install one, or attach a text file.',
        { details: { needs: 'documents' } },
      );
    }
    const { signal } = by;
    const ofFiles = isWhole || files.length === 0 ? [] : await this.#nearFiles(model, question, files, by);
    const ofDocuments = documents ? await this.#sill.documents.search({ model, query: question, top: HITS }, { signal }) : [];
    const hits = ofDocuments.map(({ documentName, index, text, score }): Scored => ({ name: documentName, index, text, score }));
    return [...(isWhole ? wholePieces(files) : []), ...nearest([...ofFiles, ...hits])];
  }

  async #nearFiles(
    model: string,
    question: string,
    files: readonly AttachedFile[],
    { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (looking: Looking) => void },
  ): Promise<readonly Scored[]> {
    const { vectors, revision } = await this.#embed(model, [question], signal);
    const [asked] = vectors;
    if (!asked) throw new SillError('internal', 'The question was not embedded.');
    const passages = await this.#passages(model, revision, files, { signal, onProgress });
    return passages.map(({ name, text, index, vector }) => ({ name, text, index, score: dot(asked, vector) }));
  }

  /** Of all of the files; what was read before is not read again. */
  async #passages(
    model: string,
    revision: string,
    files: readonly AttachedFile[],
    { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (looking: Looking) => void },
  ): Promise<readonly ReadPassage[]> {
    const known = this.#read;
    const keyOf = ({ id }: AttachedFile): string => `${revision} ${id}`;
    const unread = files.filter((file) => !known.has(keyOf(file))).map((file) => ({ file, texts: splitPassages(file.text) }));
    const totalPassages = unread.reduce((sum, { texts }) => sum + texts.length, 0);
    let donePassages = 0;
    for (const { file, texts } of unread) {
      const read: ReadPassage[] = [];
      for (let from = 0; from < texts.length; from += BATCH) {
        onProgress({ donePassages, totalPassages });
        const batch = texts.slice(from, from + BATCH);
        const { vectors } = await this.#embed(model, batch, signal);
        for (const [i, vector] of vectors.entries()) read.push({ name: file.name, text: batch[i] ?? '', index: from + i, vector });
        donePassages += batch.length;
      }
      known.set(keyOf(file), read);
    }
    return files.flatMap((file) => known.get(keyOf(file)) ?? []);
  }

  async #embed(model: string, input: string[], signal: AbortSignal) {
    const { data, sill } = await this.#sill.embeddings.create({ model, input }, { signal });
    return { vectors: data.map(({ embedding }) => Float32Array.from(embedding)), revision: sill.revision };
  }
}
