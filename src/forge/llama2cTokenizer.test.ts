import { expect, test } from 'vitest';
import { FIRST_TEXT_ID, readLlama2cTokenizer } from './llama2cTokenizer.ts';

const encoder = new TextEncoder();

function tokenizerFile(texts: readonly string[]): Uint8Array {
  const bytes: number[] = [9, 0, 0, 0];
  const add = (piece: Uint8Array, score: number) =>
    bytes.push(...new Uint8Array(Float32Array.of(score).buffer), ...new Uint8Array(Int32Array.of(piece.length).buffer), ...piece);
  for (const special of ['<unk>', '\n<s>\n', '\n</s>\n']) add(encoder.encode(special), 0);
  for (let byte = 0; byte < 256; byte++) add(Uint8Array.of(byte), 0);
  for (const [i, text] of texts.entries()) add(encoder.encode(text), -i);
  return Uint8Array.from(bytes);
}

test('pieces get the names of the Hugging Face form: specials, bytes by number, spaces as marks', () => {
  const pieces = readLlama2cTokenizer(tokenizerFile([' a', '漢']), FIRST_TEXT_ID + 2);
  expect(pieces.slice(0, 4).map((piece) => piece.text)).toEqual(['<unk>', '<s>', '</s>', '<0x00>']);
  expect(pieces[FIRST_TEXT_ID - 1]?.text).toBe('<0xFF>');
  expect(pieces.slice(FIRST_TEXT_ID)).toEqual([
    { text: '▁a', score: -0 },
    { text: '漢', score: -1 },
  ]);
});

test('a file that ends early, goes on, or holds no text is refused', () => {
  const file = tokenizerFile([' a']);
  const broken = file.slice();
  broken[broken.length - 1] = 0xff;
  const cases: Array<[Uint8Array, number]> = [
    [file.subarray(0, -1), FIRST_TEXT_ID + 1],
    [file, FIRST_TEXT_ID],
    [file, FIRST_TEXT_ID + 2],
    [broken, FIRST_TEXT_ID + 1],
    [new Uint8Array(2), 1],
  ];
  for (const [bytes, vocab] of cases) {
    expect(() => readLlama2cTokenizer(bytes, vocab)).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  }
});
