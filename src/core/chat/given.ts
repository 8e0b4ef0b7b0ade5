import { topBy } from '../similarity.ts';
import type { AttachedFile, GivenPiece, Piece } from './attachment.ts';
import type { Answer, Message } from './conversation.ts';
import { promptRoom, type Room, tokensFor } from './room.ts';

/** Most that is ever put before a question: reading more takes a small device minutes, and small models lose sight of the question. */
const MOST_TOKENS = 4000;
/** Where something was said before, so much of the context is left to it: a question may be about that. */
const SAID_SHARE = 0.3;
/** A beginning shorter than this says nothing. */
const LEAST_LETTERS = 80;
/** So many passages are found for a question. */
const MOST_PASSAGES = 6;
/** What is less than half as near as the nearest is about something else. */
const NEAR_ENOUGH = 0.5;
/** What takes at most this share of the room goes in whole where other passages are to have some of it too. */
const WHOLE_SHARE = 0.5;
/** A longer text is not read whole where passages of it can be found. */
const WHOLE_LETTERS = 6000;

/** Words that the model reads between the passages and the question. In one language, as a template is: the model answers in that of the question. */
const LEAD = 'Answer from these passages of my documents, or say that they do not hold the answer.';

/** Marks of the usual templates, and our own: in a file they would end the person's words and begin somebody else's. */
const MARKS = /<(?=\||<\/?SYS|\/?(?:s|bos|eos|pad|unk|passage)\b|(?:start|end|begin)_of)|\[(?=\/?INST\])|(?<=\|)>/gi;

/** A text in which no template finds its own marks: a space parts them. */
export const quoted = (text: string): string => text.replace(MARKS, (mark) => (mark === '>' ? ' >' : `${mark} `));

/** What the model reads as the person's message: the pieces, each with its name, then the question. Without pieces the question alone. */
export function told(question: string, pieces: ReadonlyArray<Pick<Piece, 'name' | 'text'>>, given: readonly GivenPiece[]): string {
  const parts = given.flatMap(({ at, letters }) => {
    const piece = pieces[at];
    if (!piece) return [];
    const name = quoted(piece.name.replaceAll(/["\s]+/g, ' ').trim());
    return [`<passage from="${name}">\n${quoted(piece.text.slice(0, letters).trim())}\n</passage>`];
  });
  return parts.length === 0 ? question : [...parts, `${LEAD}\n\n${question}`].join('\n\n');
}

/** A person's message as the answer's model read it. */
export const toldFor = ({ text, given = [] }: Message, answer: Answer | undefined): string =>
  told(text, given, answer?.given?.pieces ?? []);

/** Tokens that a question may take together with what is put before it. */
export function givenRoom(room: Room, isFirst: boolean): number {
  const free = promptRoom(room) - (room.system ? tokensFor(room.system.length, room.tokensPerLetter) : 0);
  return Math.min(MOST_TOKENS, Math.floor(isFirst ? free : free * (1 - SAID_SHARE)));
}

/**
 * Which of the pieces are put before a question: from the first, which is the best, to the last, each whole if it still fits. Of a file that is given from its
 * beginning as much as fits; so too of the first where nothing else would be given. Never more than the room.
 * @param roomTokens of the question and the pieces together
 */
export function chooseGiven(question: string, pieces: readonly Piece[], roomTokens: number, rate: number): readonly GivenPiece[] {
  const fits = (given: readonly GivenPiece[]): boolean => tokensFor(told(question, pieces, given).length, rate) <= roomTokens;
  let chosen: readonly GivenPiece[] = [];
  for (const [at, { text, index }] of pieces.entries()) {
    const withAll = [...chosen, { at, letters: text.length }];
    if (fits(withAll)) chosen = withAll;
    else if (index === undefined) chosen = withBeginning(chosen, at, text, fits);
  }
  const [first] = pieces;
  return chosen.length === 0 && first ? withBeginning([], 0, first.text, fits) : chosen;
}

/** With the longest beginning that fits, cut between two words. */
function withBeginning(
  chosen: readonly GivenPiece[],
  at: number,
  text: string,
  fits: (given: readonly GivenPiece[]) => boolean,
): readonly GivenPiece[] {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits([...chosen, { at, letters: middle }])) low = middle;
    else high = middle - 1;
  }
  const space = text.slice(0, low).search(/\s\S*$/);
  const isInPair = /[\uD800-\uDBFF]/.test(text.charAt(low - 1));
  const letters = space > 0 ? space : low - Number(isInPair);
  const given = [...chosen, { at, letters }];
  return letters >= LEAST_LETTERS && fits(given) ? given : chosen;
}

/** The pieces as they were given: what is kept with the question holds no more than that. */
export const asGiven = (pieces: readonly Piece[], given: readonly GivenPiece[]): readonly Piece[] =>
  given.flatMap(({ at, letters }) => {
    const piece = pieces[at];
    if (!piece) return [];
    return [letters < piece.text.length ? { ...piece, text: piece.text.slice(0, letters), isCut: true } : piece];
  });

/** Files from their beginning on. */
export const wholePieces = (files: readonly AttachedFile[]): readonly Piece[] => files.map(({ name, text }) => ({ name, text }));

export interface WholeFit {
  /** They are put before the question whole, so that nothing of them need be found. */
  readonly isWhole: boolean;
  /** All of them has room, be it that passages are better. */
  readonly hasRoom: boolean;
}

/** @param isAlone nothing else is looked for */
export function wholeFit(
  question: string,
  files: readonly AttachedFile[],
  { roomTokens, rate, isAlone }: { readonly roomTokens: number; readonly rate: number; readonly isAlone: boolean },
): WholeFit {
  // A long one is not written out with every letter that somebody types.
  const least = files.reduce((sum, { text }) => sum + text.trim().length, question.length);
  if (tokensFor(least, rate) > roomTokens) return { isWhole: false, hasRoom: false };
  const { length } = toldWhole(question, files);
  const tokens = tokensFor(length, rate);
  const isWhole = files.length > 0 && length <= WHOLE_LETTERS && tokens <= roomTokens * (isAlone ? 1 : WHOLE_SHARE);
  return { isWhole, hasRoom: tokens <= roomTokens };
}

/** A question with all of these files before it. */
export const toldWhole = (question: string, files: readonly AttachedFile[]): string =>
  told(
    question,
    files,
    files.map(({ text }, at) => ({ at, letters: text.length })),
  );

/** Of passages with their nearness to a question those to be given, best first; equal ones keep their order. */
export function nearest<P extends Piece & { readonly score: number }>(passages: readonly P[]): readonly P[] {
  const best = topBy(passages, MOST_PASSAGES, ({ score }) => score).map(({ item }) => item);
  const least = (best[0]?.score ?? 0) * NEAR_ENOUGH;
  return best.filter(({ score }, i) => i === 0 || score >= least);
}

/** The files of a branch, in the order in which they came. */
export const filesOf = (path: readonly Message[]): readonly AttachedFile[] => [
  ...new Map(path.flatMap(({ files = [] }) => files.map((file) => [file.id, file] as const))).values(),
];
