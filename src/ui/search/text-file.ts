/** What a document may weigh. A megabyte is about five hundred pages, which a small model embeds in minutes. */
export const MAX_DOCUMENT_BYTES = 2_000_000;

export const TEXT_FILES = '.txt,.md,.markdown,.csv,.json,.html,.htm,text/plain,text/markdown,text/csv,application/json,text/html';

/** Why a file cannot be a document; translated by the view. */
export type Refusal = 'too-large' | 'not-text' | 'empty';

export type ReadResult = { readonly name: string; readonly text: string } | { readonly name: string; readonly refusal: Refusal };

/** A file as plain text. Of HTML only what a reader would see; a parsed document runs no script and loads nothing. */
export async function readTextFile(file: File, maxBytes = MAX_DOCUMENT_BYTES): Promise<ReadResult> {
  const { name } = file;
  if (file.size > maxBytes) return { name, refusal: 'too-large' };
  const raw = await file.text();
  // No text holds a NUL, and nearly every binary file does. What else is none has many bytes that are not UTF-8.
  if (raw.includes('\0') || (raw.match(/\ufffd/g)?.length ?? 0) > raw.length / 50) return { name, refusal: 'not-text' };
  const text = /\.html?$/i.test(name) || file.type === 'text/html' ? visibleText(raw) : raw;
  return text.trim() === '' ? { name, refusal: 'empty' } : { name, text };
}

function visibleText(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const element of body.querySelectorAll('script, style, template, noscript')) element.remove();
  return body.textContent ?? '';
}
