import { describe, expect, test } from 'vitest';
import type { MatrixError } from './making.ts';
import { outliersOf, widerNext } from './widening.ts';

const SCORES = { reference: 2, bound: 0.1 };
const layer = (index: number, error: number): MatrixError => ({ name: `model.layers.${index}.mlp.down_proj`, error, sizeBytes: 1000 });
const ERRORS = [
  { name: 'model.embed_tokens', error: 0.09, sizeBytes: 1000 },
  ...Array.from({ length: 20 }, (_, index) => layer(index, 0.05 + 0.001 * index)),
];
const form = { dtype: 'q4', errors: ERRORS, wider: [] as readonly string[] } as const;

describe('a form that loses too much', () => {
  test('has its worst matrices kept higher, as many as the first step has room for, in the order of the graph', () => {
    // A tenth of 21,000 bytes, 800 each.
    expect(widerNext(form, SCORES, [{ wider: [], measured: 2.3 }])).toEqual([layer(18, 0).name, layer(19, 0).name]);
  });

  test('gets more of them with each step, those before included', () => {
    const wider = [layer(18, 0).name, layer(19, 0).name];
    const tries = [
      { wider: [], measured: 2.3 },
      { wider, measured: 2.2 },
    ];
    expect(widerNext({ ...form, wider }, SCORES, tries)).toEqual([13, 14, 15, 16, 17, 18, 19].map((index) => layer(index, 0).name));
  });

  test('is given up where a step wins next to nothing, after the last step, and where its score is no number', () => {
    const wider = [layer(19, 0).name];
    const tries = (...measured: number[]) => measured.map((each) => ({ wider, measured: each }));
    expect(widerNext({ ...form, wider }, SCORES, tries(2.3, 2.295))).toBeUndefined();
    expect(widerNext({ ...form, wider }, SCORES, tries(3, 2.8, 2.6, 2.4))).toBeUndefined();
    expect(widerNext(form, SCORES, tries(Number.NaN))).toBeUndefined();
  });

  test('is left as it is once it is faithful, and where nothing of it was quantised', () => {
    expect(widerNext(form, SCORES, [{ wider: [], measured: 2.05 }])).toBeUndefined();
    const kept = ERRORS.map((each) => ({ ...each, error: 0 }));
    expect(widerNext({ ...form, errors: kept }, SCORES, [{ wider: [], measured: 3 }])).toBeUndefined();
  });

  test('has its embedding kept higher at 8 bits, and not in blocks of 4, which is all that a look-up takes', () => {
    const worst = { dtype: 'int8', errors: [ERRORS[0] ?? layer(0, 0)], wider: [] } as const;
    expect(widerNext(worst, SCORES, [{ wider: [], measured: 3 }])).toEqual(['model.embed_tokens']);
    expect(widerNext({ ...worst, dtype: 'q4' }, SCORES, [{ wider: [], measured: 3 }])).toBeUndefined();
  });

  test('in 16 bits has the longest sums kept higher, also where nothing was lost of its weights', () => {
    const kept = (kind: string): MatrixError => ({ name: `model.layers.0.${kind}`, error: 0, sizeBytes: 1000 });
    const errors = ['self_attn.qkv_proj', 'self_attn.o_proj', 'mlp.gate_up_proj', 'mlp.down_proj'].map(kept);
    const half = { dtype: 'fp16', errors: [...errors, { ...kept(''), name: 'lm_head' }] } as const;
    const wider = [kept('mlp.down_proj').name];
    const tries = [{ wider: [], measured: 2.3 }];
    expect(widerNext({ ...half, wider: [] }, SCORES, tries)).toEqual(wider);
    expect(widerNext({ ...half, wider }, SCORES, [...tries, { wider, measured: 2.2 }])).toEqual([kept('self_attn.o_proj').name, ...wider]);
    expect(outliersOf({ ...half, wider: [] })).toEqual([]);
  });
});

describe('a matrix much further from the file than others of its kind', () => {
  test('is found in whatever form', () => {
    const far = layer(7, 0.2);
    expect(outliersOf({ ...form, errors: ERRORS.map((each) => (each.name === far.name ? far : each)) })).toEqual([far.name]);
    expect(outliersOf(form)).toEqual([]);
  });

  test('is let be where it is close all the same', () => {
    const errors = ERRORS.map((each, index) => ({ ...each, error: index === 7 ? 0.019 : 0.004 }));
    expect(outliersOf({ dtype: 'int8', errors, wider: [] })).toEqual([]);
  });
});
