import type { ChatLogprobs, ChatToolCallDelta } from '../../protocol/openai.ts';

type Logprobs = ChatLogprobs['content'];
type Status = 'in_progress' | 'completed' | 'incomplete';

interface TextItem {
  readonly kind: 'text';
  readonly id: string;
  text: string;
  logprobs: Logprobs;
}
interface CallItem {
  readonly kind: 'call';
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  text: string;
}
type Item = TextItem | CallItem;

/** Tells one event of a response; its number is added there. */
export type TellEvent = (type: string, fields: object) => void;

/**
 * What an answer consists of, as it grows: text, and calls of functions, in the order in which they began. Tells each step by the events of OpenAI's
 * Responses API.
 * @param suffix of the ids
 */
export function createResponseItems(suffix: string, tell: TellEvent) {
  const items: Item[] = [];

  const open = (item: Item): void => {
    const before = items.at(-1);
    if (before) close(before, items.length - 1, 'completed');
    items.push(item);
    const output_index = items.length - 1;
    tell('response.output_item.added', { output_index, item: shown(item, 'in_progress', { isEmpty: true }) });
    if (item.kind === 'text') {
      const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
      tell('response.content_part.added', { item_id: item.id, output_index, content_index: 0, part });
    }
  };

  const close = (item: Item, output_index: number, status: Status): void => {
    const place = { item_id: item.id, output_index };
    if (item.kind === 'text') {
      tell('response.output_text.done', { ...place, content_index: 0, text: item.text, logprobs: item.logprobs });
      tell('response.content_part.done', { ...place, content_index: 0, part: partOf(item) });
    } else {
      tell('response.function_call_arguments.done', { ...place, name: item.name, arguments: item.text });
    }
    tell('response.output_item.done', { output_index, item: shown(item, status) });
  };

  const call = ({ index, id, function: { name, arguments: text } }: ChatToolCallDelta): void => {
    if (name !== undefined) open({ kind: 'call', id: `fc_${suffix}_${index}`, callId: id ?? `call_${suffix}_${index}`, name, text: '' });
    const item = items.at(-1);
    if (item?.kind !== 'call' || text === '') return;
    item.text += text;
    tell('response.function_call_arguments.delta', { item_id: item.id, output_index: items.length - 1, delta: text });
  };

  return {
    text(delta: string, logprobs: Logprobs): void {
      if (delta === '' && logprobs.length === 0) return;
      if (items.at(-1)?.kind !== 'text') open({ kind: 'text', id: `msg_${suffix}_${items.length}`, text: '', logprobs: [] });
      const item = items.at(-1);
      if (item?.kind !== 'text') return;
      item.text += delta;
      item.logprobs = [...item.logprobs, ...logprobs];
      tell('response.output_text.delta', { item_id: item.id, output_index: items.length - 1, content_index: 0, delta, logprobs });
    },
    calls(deltas: readonly ChatToolCallDelta[]): void {
      for (const delta of deltas) call(delta);
    },
    /** @returns the whole output */
    end(status: Status): object[] {
      // An answer of nothing is a message all the same.
      if (items.length === 0) open({ kind: 'text', id: `msg_${suffix}_0`, text: '', logprobs: [] });
      const last = items.at(-1);
      if (last) close(last, items.length - 1, status);
      return items.map((item) => shown(item, item === last ? status : 'completed'));
    },
  };
}

const partOf = ({ text, logprobs }: TextItem) => ({ type: 'output_text', text, annotations: [], logprobs });

function shown(item: Item, status: Status, { isEmpty = false } = {}): object {
  const { id } = item;
  if (item.kind === 'text') return { id, type: 'message', status, role: 'assistant', content: isEmpty ? [] : [partOf(item)] };
  return { id, type: 'function_call', status, call_id: item.callId, name: item.name, arguments: isEmpty ? '' : item.text };
}
