import { describe, expect, it } from 'vitest';
import { kioskOfAddress, screenOf } from './rules.ts';

const read = (search: string) => kioskOfAddress(new URLSearchParams(search));

describe('an address that asks for a kiosk', () => {
  it('says what it is for', () => {
    expect(read('?kiosk=chat&model=stories15m&idle=60&title=Ask')).toEqual({
      ...{ task: 'chat', model: 'stories15m', idleSeconds: 60, title: 'Ask' },
    });
    expect(read('?kiosk=write')).toEqual({ task: 'write' });
    expect(read('?bench=quick')).toBeUndefined();
  });

  it.each([
    ['?kiosk=dance', 'kiosk: expected one of chat, write'],
    ['?kiosk=', 'kiosk: expected one of'],
    ['?kiosk=chat&idle=3', 'idle:'],
    ['?kiosk=chat&idle=soon', 'idle:'],
    ['?kiosk=chat&model=a%20b', 'model: expected a model id'],
  ])('%s says what is wrong with it', (search, words) => {
    expect(() => read(search)).toThrow(words);
  });
});

it('what the operator says without a task locks and shows nothing', () => {
  expect(screenOf({ idleSeconds: 30 })).toBeUndefined();
  expect(screenOf({ task: 'search', idleSeconds: 30 })).toEqual({ task: 'search', idleSeconds: 30 });
});
