/** What other people's pages use: the official clients, bundled for a page of the test site. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embed, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { Ollama } from 'ollama/browser';
import OpenAI, { APIError, toFile } from 'openai';

const base = new URL('./', location.href).href;

const official = {
  base,
  openai: (options: object = {}) =>
    new OpenAI({ baseURL: `${base}v1`, apiKey: 'none', dangerouslyAllowBrowser: true, maxRetries: 0, ...options }),
  ollama: () => new Ollama({ host: base }),
  aiSdk: createOpenAICompatible({ name: 'sill', baseURL: `${base}v1`, includeUsage: true, supportsStructuredOutputs: true }),
  ai: { embed, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool },
  OpenAI,
  APIError,
  toFile,
};

declare global {
  var clients: typeof official;
}
globalThis.clients = official;
