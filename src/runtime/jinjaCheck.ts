import { Template } from '@huggingface/jinja';
import { renderJinja } from './jinja.ts';

const TRIAL = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hello!' },
  { role: 'user', content: 'How are you?' },
];

/**
 * What is wrong with a chat template in Jinja, in the words of its engine: syntax, and what it asks for over a plain conversation. Undefined when
 * nothing is. What a template refuses by itself (`raise_exception`) is no fault.
 */
export function faultOfJinja(source: string): string | undefined {
  try {
    renderJinja(new Template(source), {
      messages: TRIAL,
      add_generation_prompt: true,
      bos_token: '',
      eos_token: '',
      pad_token: '',
      unk_token: '',
    });
    return undefined;
  } catch (reason) {
    const words = reason instanceof Error ? reason.message : String(reason);
    return source.includes('raise_exception') && source.includes(words) ? undefined : words;
  }
}
