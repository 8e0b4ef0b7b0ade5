import { SillError } from '../core/errors.ts';
import type { AnswerFormat } from '../core/grammar/answerGrammar.ts';
import type { ToolUse } from '../core/toolUse.ts';
import type { GeneratedAnswer } from '../ports/generation.ts';

/** What is wrong with a value under a JSON Schema; absent when it is valid. */
export type SchemaCheck = (schema: unknown, value: unknown) => string | undefined;

interface Form {
  readonly format?: AnswerFormat | undefined;
  readonly tools?: ToolUse | undefined;
}

/**
 * Looks at answers that say that they are whole. The grammar lets nothing else through; but the library that holds them to it has let through what it
 * should not before, and an answer that is wrong must not say `stop`.
 * @throws SillError `internal`
 */
export async function assertForm(
  { format, tools }: Form,
  answers: readonly GeneratedAnswer[],
  load: () => Promise<SchemaCheck>,
): Promise<void> {
  if (!format && !tools) return;
  const check = await load();
  for (const { text, toolCalls = [], finishReason } of answers) {
    if (finishReason !== 'stop') continue;
    if (format && toolCalls.length === 0) assertValid(check, format.kind === 'object' ? { type: 'object' } : format.schema, text);
    for (const call of toolCalls) {
      const tool = tools?.tools.find(({ name }) => name === call.name);
      assertValid(check, tool?.parameters ?? { type: 'object' }, call.arguments);
    }
  }
}

function assertValid(check: SchemaCheck, schema: unknown, text: string): void {
  const wrong = wrongWith(check, schema, text);
  if (wrong === undefined) return;
  throw new SillError(
    'internal',
    `The answer was held to its schema and is not valid all the same (${wrong}). Report it with the schema; ask again.`,
    {
      details: { answer: text.slice(0, 2000), reason: wrong },
    },
  );
}

function wrongWith(check: SchemaCheck, schema: unknown, text: string): string | undefined {
  try {
    return check(schema, JSON.parse(text));
  } catch (reason) {
    // No JSON at all.
    return reason instanceof Error ? reason.message : String(reason);
  }
}
