import { expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import { runtimeFailure } from './failures.ts';

it.each([
  [new Error("Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc"), 'out_of_memory'],
  [new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded'), 'out_of_memory'],
  [new RangeError('Array buffer allocation failed'), 'out_of_memory'],
  [new Error('WebAssembly SIMD is not supported in the current environment.'), 'unsupported_device'],
  [new Error('Aborted(CompileError: Compiling function #119 failed: Wasm SIMD unsupported @+68593)'), 'unsupported_device'],
  [new Error('Failed to get GPU adapter.'), 'unsupported_device'],
  [new Error('ERROR_CODE: 7, ERROR_MESSAGE: Failed to load model because protobuf parsing failed.'), 'installation_damaged'],
  [new Error('Failed to load external data file "model.onnx_data"'), 'installation_damaged'],
  [1234567, 'runtime_failed'],
  [new WebAssembly.RuntimeError('unreachable'), 'runtime_failed'],
  [new DOMException('The operation was aborted.', 'AbortError'), 'aborted'],
])('names %s', (reason, code) => {
  const failure = runtimeFailure(reason, 'loading the model');
  expect(failure.code).toBe(code);
  expect(failure.cause).toBe(reason);
});

it('passes on what has a code already', () => {
  const known = new SillError('installation_damaged', 'A file is missing.');
  expect(runtimeFailure(known, 'loading the model')).toBe(known);
});
