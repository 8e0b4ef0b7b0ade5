import { Template } from '@huggingface/jinja';
import { expect, test } from 'vitest';
import { createRandom } from '../core/random.ts';
import { renderJinja } from './jinja.ts';

/** A tenth: what hangs takes all of its time. */
const RUNS = Math.ceil(Number(process.env.SILL_FUZZ_RUNS ?? 2000) / 10);
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);
const LIMIT_MS = 20;
/** On any machine: of the processor, for one that may work for the limit above. */
const HANG_MS = 2000;

/** As models have them: TinyLlama's, one that looks about itself, one with a macro. */
const TEMPLATES = [
  "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
  "{%- set ns = namespace(x=[1], s='ab', last=0) %}{%- for m in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if m.role == 'user' %}{%- set ns.last = index %}{%- endif %}{%- endfor %}{{ ns.last ~ ns.s ~ (ns.x | tojson) }}",
  "{%- macro say(m, n) %}{{ m.role | upper }}: {{ m.content | trim | replace('a', 'b') }}{%- endmacro %}{%- for m in messages %}{{ say(m, 1) }}{%- endfor %}{{ strftime_now('%d %b %Y') }}{{ raise_exception('no') if messages | length > 9 }}",
];
/** What such a template says to hang whoever renders it. */
const HARM = [
  '{% for i in range(99999) %}',
  '{% for i in range(1000000000) %}',
  '{% endfor %}',
  '{% set ns.s = ns.s ~ ns.s %}',
  '{% set ns.x = [ns.x, ns.x] %}',
  '{% set ns.x = ns.x + ns.x %}',
  '{{ ns.x | tojson(indent=4) }}',
  "{{ ns.s.split('') | length }}",
  '{{ say(messages[0], 2) }}',
  '{{ messages | tojson | indent(99) }}',
];

test(`${RUNS} damaged chat templates write something or are refused, soon`, () => {
  let written = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = createRandom(SEED + run);
    const below = (end: number) => Math.floor(random() * end);
    let source = TEMPLATES[below(TEMPLATES.length)] ?? '';
    for (let times = 1 + below(4); times > 0; times--) {
      const at = below(source.length);
      const other = TEMPLATES[below(TEMPLATES.length)] ?? '';
      const from = below(other.length);
      const piece = random() < 0.7 ? (HARM[below(HARM.length)] ?? '') : other.slice(from, from + below(40));
      // Between two statements as well as anywhere.
      const place = random() < 0.7 ? Math.max(0, source.indexOf('{%', at)) : at;
      source = source.slice(0, place) + piece + source.slice(place + (random() < 0.2 ? below(20) : 0));
    }
    const start = process.cpuUsage();
    try {
      const messages = ['user', 'assistant', 'user'].map((role) => ({ role, content: 'a b' }));
      renderJinja(new Template(source), { messages, add_generation_prompt: true, eos_token: '</s>' }, LIMIT_MS);
      written++;
    } catch (reason) {
      expect(reason).toBeInstanceOf(Error);
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000, `SILL_FUZZ_SEED=${SEED + run} SILL_FUZZ_RUNS=10`).toBeLessThan(HANG_MS);
  }
  expect(written).toBeGreaterThan(RUNS / 50);
  expect(written).toBeLessThan(RUNS);
}, 3_600_000);
