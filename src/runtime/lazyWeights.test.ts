import { describe, expect, it } from 'vitest';
import { findingWeights } from './lazyWeights.ts';
import { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';

/** What sessions were created from: the real runtime takes it the same way (`e2e/made-tasks.spec.ts`, `e2e/transcribe.spec.ts`). */
function recorded(files: ConstructorParameters<typeof ModelFiles>[1]) {
  const asked: unknown[][] = [];
  const create = async (...args: unknown[]) => {
    asked.push(args);
    return {};
  };
  const runtime = { InferenceSession: { create }, Tensor: {}, env: {} } as unknown as Ort;
  return { runtime, found: findingWeights(runtime, new ModelFiles('tiny', files)), asked };
}

const blob = (text: string) => new Blob([text]);
const graph = (location: string) => new TextEncoder().encode(`\n\u0008location\u0012${location}\u0000more`);

describe('sessions of a library', () => {
  it('get the weights that their graph names, from wherever they lie, with what else was wished', async () => {
    const [encoder, decoder] = [blob('encoder'), blob('decoder')];
    const { found, asked } = recorded([
      { path: 'onnx/encoder.onnx', blob: blob('') },
      { path: 'onnx/encoder.onnx_data', blob: encoder },
      { path: 'onnx/decoder.onnx_data', blob: decoder },
      { path: 'onnx/decoder.onnx_data_1', blob: decoder },
    ]);
    const bytes = graph('encoder.onnx_data');
    await found.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    expect(asked.pop()).toEqual([bytes, { executionProviders: ['wasm'], externalData: [{ path: 'encoder.onnx_data', data: encoder }] }]);
    await found.InferenceSession.create(graph('decoder.onnx_data_1'));
    expect(asked.pop()?.[1]).toMatchObject({ externalData: [{ path: 'decoder.onnx_data' }, { path: 'decoder.onnx_data_1' }] });
    // A small graph of the library's own, as for resizing.
    await found.InferenceSession.create(graph('none'), { logSeverityLevel: 3 });
    expect(asked.pop()).toEqual([graph('none'), { logSeverityLevel: 3 }]);
  });

  it('are the runtime’s own where nothing lies beside a graph', () => {
    const { runtime, found } = recorded([{ path: 'onnx/model.onnx', blob: blob('') }]);
    expect(found).toBe(runtime);
  });
});
