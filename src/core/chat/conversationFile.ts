import * as v from 'valibot';
import { type CarriedFault, faultOfText, unreadableFile } from '../carriedFile.ts';
import type { SillError } from '../errors.ts';
import type { Piece } from './attachment.ts';
import { type Answer, type Head, HeadSchema, type Message, MessageSchema } from './conversation.ts';
import { asGiven } from './given.ts';

const CONVERSATIONS_FORMAT = 'sill-conversations';
const CONVERSATIONS_VERSION = 1;
/** Read whole into memory. */
export const CONVERSATIONS_CAP_BYTES = 128 * 1024 * 1024;

export interface WholeConversation {
  readonly head: Head;
  readonly messages: readonly Message[];
}

const FileSchema = v.object({
  format: v.literal(CONVERSATIONS_FORMAT, 'it is of another kind'),
  version: v.literal(CONVERSATIONS_VERSION, 'it was written by another version of Sill'),
  exportedAtMs: v.number(),
  conversations: v.pipe(
    v.array(v.object({ ...HeadSchema.entries, messages: v.pipe(v.array(MessageSchema), v.maxLength(100_000)) })),
    v.maxLength(100_000),
  ),
});

/** As one JSON file, with all branches. */
export const toConversationFile = (conversations: readonly WholeConversation[], exportedAtMs: number): string =>
  `${JSON.stringify(
    {
      ...{ format: CONVERSATIONS_FORMAT, version: CONVERSATIONS_VERSION, exportedAtMs },
      conversations: conversations.map(({ head, messages }) => ({ ...head, messages })),
    },
    undefined,
    1,
  )}\n`;

/** @throws SillError `unreadableFile` that says what is wrong and where */
export function parseConversationFile(text: string): readonly WholeConversation[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw unreadable(faultOfText(text), 'it is no JSON, or was cut off', cause);
  }
  const parsed = v.safeParse(FileSchema, data);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue) ?? TOP;
    throw unreadable(faultAt(path), `${issue.message} (at ${path})`);
  }
  return parsed.output.conversations.map(({ messages, ...head }) => ({ head, messages }));
}

const TOP = 'the top level';

const faultAt = (path: string): CarriedFault =>
  path === 'version' ? 'version' : path === 'format' || path === TOP ? 'foreign' : 'damaged';

const unreadable = (fault: CarriedFault, why: string, cause?: unknown): SillError =>
  unreadableFile(
    'conversations',
    fault,
    `This file holds no conversations that can be read: ${why}. Choose a JSON file that Sill exported. Nothing was changed.`,
    { cause },
  );

/** Words of a Markdown export, in the reader's language. */
export interface MarkdownWords {
  readonly person: string;
  readonly instructions: string;
  /** Stands for an answer's model where nothing is known. */
  readonly answer: string;
  /** Above what a model was given with its question. */
  readonly given: string;
}

/** One branch of a conversation, as it is read. What was said is Markdown already. */
export function toMarkdown(head: Pick<Head, 'title' | 'system'>, path: readonly Message[], words: MarkdownWords): string {
  const parts = [
    `# ${head.title.replace(/\s+/g, ' ')}`,
    ...(head.system ? [`## ${words.instructions}`, head.system] : []),
    ...path.flatMap(({ role, text, answer }, i) => [
      `## ${role === 'user' ? words.person : (answer?.by?.model ?? answer?.model ?? words.answer)}`,
      text.trim(),
      ...givenMarkdown(path[i - 1]?.given, answer, words),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** As quotations, each under the name of its document. */
function givenMarkdown(found: readonly Piece[] | undefined, answer: Answer | undefined, { given }: MarkdownWords): readonly string[] {
  if (!found || !answer?.given?.pieces.length) return [];
  const pieces = asGiven(found, answer.given.pieces);
  return [`### ${given}`, ...pieces.map(({ name, text }) => `**${name.replace(/\s+/g, ' ')}**\n\n${text.trim().replace(/^/gm, '> ')}`)];
}

/** A name for a file: letters, digits and dashes, never empty. */
export const fileNameOf = (title: string): string =>
  title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'conversation';
