import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The texts of the app, as they are handed to translators, without their placeholders. */
const TEXTS = [...readFileSync('src/ui/locales/de.xlf', 'utf8').matchAll(/<source>([\s\S]*?)<\/source>/g)].map(([, text = '']) =>
  text.replace(/<[^>]+>/g, ''),
);

/** What a guide quotes from the app, which it sets in italics: whole, or a way as in *Models, Updates*, or with … for what varies. */
const quotesIn = (guide: string): string[] =>
  [
    ...readFileSync(guide, 'utf8')
      .replace(/```[\s\S]*?```|`[^`]*`/g, '')
      .matchAll(/(?<![*\w])\*([^*]+)\*(?!\*)/g),
  ]
    .flatMap(([, quote = '']) => quote.replace(/\s+/g, ' ').split(/ ?… ?|, (?=[A-Z])/))
    .map((part) => part.trim())
    .filter((part) => part !== '');

it.each(['docs/operate.md', 'docs/sources.md', 'docs/benchmark.md', 'docs/evaluate.md'])(
  'what %s quotes from the app stands there',
  (guide) => {
    const quotes = quotesIn(guide);
    expect(quotes).not.toEqual([]);
    expect(quotes.filter((quote) => !TEXTS.some((text) => text.includes(quote)))).toEqual([]);
  },
);
