import { expect, test } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';

test.use({ installed: ['stories15m'] });

test('an answer in JSON', async ({ page }) => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 20 },
      age: { type: 'integer', minimum: 0, maximum: 120 },
      tags: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 3 },
    },
    required: ['name', 'age', 'tags'],
  };
  for (const temperature of [0, 1, 2]) {
    const t = Date.now();
    const answer = await complete(page, {
      temperature,
      seed: 3,
      max_tokens: 150,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    });
    console.log(Date.now() - t, JSON.stringify(answer.choices[0]), JSON.stringify(answer.sill?.timings));
  }
  expect(1).toBe(1);
});
