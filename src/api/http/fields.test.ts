import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChatRequestSchema, CompletionRequestSchema, EmbeddingRequestSchema } from '../../protocol/openaiRequests.ts';
import * as fields from './fields.ts';
import * as nested from './nestedFields.ts';

const DOCUMENTED: Readonly<Record<string, fields.Fields>> = {
  '`POST v1/chat/completions`': fields.CHAT_FIELDS,
  '`POST v1/completions`': fields.COMPLETION_FIELDS,
  '`POST v1/responses`': fields.RESPONSE_FIELDS,
  '`POST v1/embeddings`': fields.EMBEDDING_FIELDS,
  '`POST v1/audio/transcriptions`': fields.TRANSCRIPTION_FIELDS,
  '`POST api/generate`': fields.OLLAMA_GENERATE_FIELDS,
  '`POST api/chat`': fields.OLLAMA_CHAT_FIELDS,
  "OpenAI's `messages`": nested.MESSAGE_FIELDS,
  "Ollama's `messages`": fields.OLLAMA_MESSAGE_FIELDS,
  "Ollama's `options`": fields.OLLAMA_OPTIONS,
  '`POST api/embed`': fields.OLLAMA_EMBED_FIELDS,
  '`POST api/embeddings`': fields.OLLAMA_EMBEDDINGS_FIELDS,
  '`POST api/pull`': fields.OLLAMA_PULL_FIELDS,
  '`POST api/create`': fields.OLLAMA_CREATE_FIELDS,
  '`POST api/copy`': fields.OLLAMA_COPY_FIELDS,
};

/** Each field of each table of the guide, and what the guide says becomes of it. */
function tablesOf(guide: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    guide
      .split(/^### /m)
      .slice(1)
      .map((section) => {
        const [heading = ''] = section.split('\n');
        const rows = [...section.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \| (\w+) \|/gm)];
        const named = rows.flatMap(([, names = '', state = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, state]));
        return [heading, Object.fromEntries(named)];
      }),
  );
}

const stateOf = (field: fields.Field | undefined): string | undefined => (typeof field === 'object' ? 'refused' : field);

describe('the tables of docs/api.md', () => {
  const tables = tablesOf(readFileSync('docs/api.md', 'utf8'));

  it('are there for each endpoint that takes fields', () => {
    expect(Object.keys(tables).sort()).toEqual(Object.keys(DOCUMENTED).sort());
  });

  it.each(Object.entries(DOCUMENTED))('say of each field of %s what the code does', (heading, known) => {
    expect(tables[heading]).toEqual(Object.fromEntries(Object.entries(known).map(([name, field]) => [name, stateOf(field)])));
  });
});

describe('what is called supported', () => {
  it.each([
    ['chat', fields.CHAT_FIELDS, ChatRequestSchema],
    ['completions', fields.COMPLETION_FIELDS, CompletionRequestSchema],
    ['embeddings', fields.EMBEDDING_FIELDS, EmbeddingRequestSchema],
  ] as const)('is what the contract knows: %s', (_, known, schema) => {
    const supported = Object.keys(known).filter((name) => known[name] === 'supported');
    expect(supported.sort()).toEqual(Object.keys(schema.entries).sort());
  });
});

describe('a request', () => {
  it('keeps what is supported, loses what is ignored or null, and is refused with the name of what cannot be', () => {
    const used = fields.usedFields({ model: 'a', user: 'b', seed: null, modalities: ['text'] }, fields.CHAT_FIELDS, 'refused');
    expect(used).toEqual({ model: 'a' });
    for (const [param, value] of [
      ['audio', {}],
      ['modalities', ['audio']],
      ['max_token', 3],
      ['constructor', 3],
    ] as const) {
      expect(() => fields.usedFields({ [param]: value }, fields.CHAT_FIELDS, 'refused')).toThrow(
        expect.objectContaining({ code: 'invalid_request', details: { param } }),
      );
    }
    expect(fields.usedFields({ unheard: 1 }, fields.OLLAMA_CHAT_FIELDS, 'ignored')).toEqual({});
  });

  it('is refused as well for what nobody knows inside of its fields, with the way to it', () => {
    const chat = { model: 'a', messages: [{ role: 'user', content: 'b', name: null, reasoning_content: 'c' }] };
    const tool = (called: object) => ({ tools: [{ type: 'function', function: called }] });
    expect(nested.withUsedFieldsInside({ ...chat, ...tool({ name: 'f', strict: true }), tool_choice: 'none' })).toEqual({
      ...{ model: 'a', messages: [{ role: 'user', content: 'b' }], tool_choice: 'none' },
      ...tool({ name: 'f' }),
    });
    for (const [param, given] of [
      ['messages.1.function_call', { messages: [...chat.messages, { role: 'assistant', function_call: { name: 'f', arguments: '{}' } }] }],
      ['messages.0.kontent', { messages: [{ role: 'user', kontent: 'b' }] }],
      ['stream_options.include_usages', { stream_options: { include_usages: true } }],
      ['tools.0.function.parameter', tool({ name: 'f', parameter: {} })],
      ['response_format.schema', { response_format: { type: 'json_schema', schema: {} } }],
      ['response_format.json_schema.shema', { response_format: { type: 'json_schema', json_schema: { name: 'x', shema: {} } } }],
    ] as const) {
      expect(() => nested.withUsedFieldsInside({ ...chat, ...given })).toThrow(
        expect.objectContaining({ code: 'invalid_request', details: { param } }),
      );
    }
  });
});
