import type { Architecture } from './architecture.ts';
import { gemma } from './gemma.ts';
import { gemma2 } from './gemma2.ts';
import { gemma3 } from './gemma3.ts';
import { llama } from './llama.ts';
import { mistral3 } from './mistral3.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

const ALL: readonly Architecture[] = [llama, mistral3, qwen2, qwen3, gemma, gemma2, gemma3, phi3];

/** Those that Sill can build a graph for. */
export const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map(ALL.map((each) => [each.name, each]));
