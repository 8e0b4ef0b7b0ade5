import { SillError } from '../errors.ts';
import { NO_PARAMETERS, type ToolDefinition, type ToolStyle, type ToolUse, WRITINGS } from '../toolUse.ts';
import { anyObject, blank } from './json.ts';
import { anyOf, literal, Rules } from './rules.ts';
import { writeSchema } from './schemaGrammar.ts';

/** What an answer is: any JSON object, or valid under a schema. */
export type AnswerFormat = { readonly kind: 'object' } | { readonly kind: 'schema'; readonly schema: unknown };

export interface AnswerForm {
  readonly format?: AnswerFormat | undefined;
  readonly use?: ToolUse | undefined;
  readonly style?: ToolStyle | undefined;
}

/** Calls in one answer; nothing else would end a model that likes calling. */
const MOST_CALLS = 16;

/**
 * The grammar of an answer, in xgrammar's EBNF; absent when it may be any text.
 * @throws SillError `unsupported_schema` for what cannot be guaranteed, `invalid_request` for what is no schema
 */
export function answerGrammar({ format, use, style = 'hermes' }: AnswerForm): string | undefined {
  const rules = new Rules();
  const content = format && `${blank(rules)} ${format.kind === 'object' ? anyObject(rules) : writeSchema(rules, format.schema)}`;
  if (!use) return content && rules.text(content);
  const { begin, head, middle, end, between } = WRITINGS[style];
  const named = use.tools.filter(({ name }) => use.only === undefined || name === use.only);
  const rest = rules.rule(
    rules.choice(named.map((tool) => `${literal(head + tool.name + middle)} ${argumentsOf(rules, tool)} ${literal(end)}`)),
  );
  const call = `${literal(begin)} ${rest}`;
  const isMany = use.isParallel && between !== undefined;
  const calls = isMany ? `${call} (${literal(between)} ${call}){0,${MOST_CALLS - 1}}` : call;
  if (use.choice === 'required') return rules.text(calls);
  if (content) return rules.text(rules.choice([content, calls]));
  // Any text, and behind the mark of a call a call.
  if (between !== undefined) return rules.text(`TagDispatch((${literal(begin)}, ${rest}), loop_after_dispatch=${isMany})`);
  return rules.text(anyOf([calls, '""', '[^{] [^\\u0000]*']));
}

function argumentsOf(rules: Rules, { name, parameters = NO_PARAMETERS }: ToolDefinition): string {
  try {
    return writeSchema(rules, parameters, 'object');
  } catch (reason) {
    if (!(reason instanceof SillError)) throw reason;
    throw new SillError(reason.code, `The parameters of the tool "${name}" cannot be used. ${reason.message}`, {
      details: { ...reason.details, tool: name },
      cause: reason,
    });
  }
}
