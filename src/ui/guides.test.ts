import { describe, expect, it } from 'vitest';
import operate from '../../docs/operate.md?raw';
import publish from '../../docs/publish.md?raw';
import xliff from './locales/de.xlf?raw';

const texts = [...xliff.matchAll(/<source>([\s\S]*?)<\/source>/g)].map(([, text = '']) => text.replaceAll(/<x [^>]*>/g, '…'));

/** What a guide sets in italics is a text of the page: one, or several on the way to it, or a part of one. */
function named(guide: string): string[] {
  const quoted = [...guide.matchAll(/(?<![*\w])\*([A-Z…][^*\n]+)\*(?!\*)/g)].map(([, text = '']) => text);
  return quoted.flatMap((text) => (texts.some((each) => each.includes(text)) ? [text] : text.split(/, |…/))).map((text) => text.trim());
}

describe('the guides', () => {
  it.each([
    ['operate.md', operate],
    ['publish.md', publish],
  ])('call everything by the name that it has in the page (%s)', (_name, guide) => {
    const words = named(guide).filter((text) => text !== '');
    expect(words.length).toBeGreaterThan(1);
    expect(words.filter((text) => !texts.some((each) => each.includes(text)))).toEqual([]);
  });
});
