import type { Assertion, Seen } from './assertions.ts';
import { counted } from './counted.ts';

/** What an assertion found, for logs and scripts. */
export function assertionInEnglish(
  type: Assertion['type'],
  pass: boolean,
  { output, wanted, measured = Number.NaN, threshold, fault }: Seen,
  skipped = false,
): string {
  const value = JSON.stringify(wanted);
  const text = JSON.stringify(output);
  switch (type) {
    case 'perplexity':
      return `perplexity ${measured.toFixed(3)}, at most ${threshold}`;
    case 'bits-per-byte':
      return `${measured.toFixed(3)} bits per byte, at most ${threshold}`;
    case 'latency':
      return `answered in ${measured.toFixed(0)} ms, at most ${threshold}`;
    case 'token-agreement':
      if (skipped) return 'the likeliest tokens were recorded: there is no reference to hold them against';
      if (fault !== undefined) return 'the reference was recorded with another tokenizer, or of another text';
      return `the likeliest token is the reference's at ${(measured * 100).toFixed(1)} % of the text, at least ${(threshold ?? 0) * 100} %`;
    case 'similar':
      if (skipped) return 'not judged: no model that embeds texts is installed';
      return `${text} is similar to ${value} by ${measured.toFixed(3)}, at least ${threshold}`;
    case 'levenshtein':
      return `${text} is ${counted(measured, 'edit')} from ${value}, at most ${threshold}`;
    case 'rouge-n':
      return `${text} overlaps by ${measured.toFixed(2)} with ${value}, at least ${threshold}`;
    case 'is-json':
      return fault === undefined ? `${text} ${does(pass)} parse as JSON` : `${text} does not fit its schema: ${fault}`;
    case 'regex':
      return fault === undefined ? `${text} ${does(pass)} match ${value}` : `${value} is no pattern: ${fault}`;
    case 'is-refusal':
      return `${text} ${does(pass)} decline`;
    case 'equals':
      return `${text} ${does(pass)} equal ${value}`;
    case 'contains':
      return `${text} ${does(pass)} contain ${value}`;
    case 'icontains':
      return `${text} ${does(pass)} contain ${value} in any case`;
    case 'starts-with':
      return `${text} ${does(pass)} start with ${value}`;
  }
}

const does = (pass: boolean): string => (pass ? 'does' : 'does not');
