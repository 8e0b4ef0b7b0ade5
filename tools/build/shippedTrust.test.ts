import { expect, test } from 'vitest';
import { put, tempFolder } from '../models/testing/tempFolder.ts';
import { Site } from '../publisher/testing/site.ts';
import { readShippedTrust } from './shippedTrust.ts';

const folder = tempFolder();

test('the build takes the root and the versions that the publisher laid down', async () => {
  const site = await Site.make(folder());
  const { root, floor } = readShippedTrust(site.publisher.trust);
  expect(root).toBe(site.text('metadata/1.root.json'));
  expect(JSON.parse(floor)).toEqual({ timestamp: 1, snapshot: 1, targets: 1 });
});

test('an app that would trust nobody is not built', async () => {
  expect(() => readShippedTrust(folder())).toThrow(/must hold root\.json and floor\.json.*npm run models/);
  await put(folder(), { 'root.json': '{}', 'floor.json': '{"timestamp":1,"snapshot":1,"targets":1}' });
  expect(() => readShippedTrust(folder())).toThrow(/must hold root\.json/);
});
