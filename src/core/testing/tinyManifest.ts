/** What a manifest says of a model in tests that are not about it: files and variants are theirs to add. */
export const TINY = {
  ...{ schema: 1, id: 'tiny', name: 'Tiny', description: 'A model for tests.', task: 'text-generation', languages: [], parameters: 1 },
  ...{ licence: { spdx: 'MIT', text: 'text' }, minimumRuntime: '0.1.0', provenance: { source: 'test' } },
} as const;
