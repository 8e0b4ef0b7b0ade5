import type { About } from '../packFolder.ts';

/** A description of a model that has two files. */
export const ABOUT: About = {
  id: 'owner/model',
  name: 'Model',
  description: 'A model for tests.',
  task: 'feature-extraction',
  languages: [],
  licence: { spdx: 'MIT', text: 'MIT License' },
  parameters: 1,
  variants: [{ id: 'q8-wasm', dtype: 'q8', device: 'wasm', files: ['config.json', 'onnx/model.onnx'], needs: { memoryBytes: 1 } }],
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
};

export const FILES = { 'config.json': '{}', 'onnx/model.onnx': 'weights' };
