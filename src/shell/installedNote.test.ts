import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LostModel } from '../core/lostModel.ts';
import { installedNote } from './installedNote.ts';

const TINY = { id: 'tiny', name: 'Tiny', variant: 'int8-wasm', sizeBytes: 17_000_000 } as LostModel;
let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  });
});

describe('the note of what was seen installed', () => {
  it('is read by the next page', () => {
    installedNote.open().keep([TINY]);
    expect(installedNote.open().models).toEqual([TINY]);
  });

  it('takes nothing from a tab that was told before everything was erased and writes it down afterwards', () => {
    const other = installedNote.open();
    installedNote.beginAnew();
    other.keep([TINY]);
    expect(installedNote.open().models).toEqual([]);
    expect(JSON.stringify([...kept])).not.toContain('Tiny');
  });

  it('does not heed what such a tab wrote, where it knew nothing yet of the erasing', () => {
    installedNote.open().keep([TINY]);
    const stale = kept.get('sill-installed') ?? '';
    installedNote.beginAnew();
    installedNote.open().keep([]);
    kept.set('sill-installed', stale);
    expect(installedNote.open().models).toEqual([]);
    installedNote.open().keep([TINY]);
    expect(installedNote.open().models).toEqual([TINY]);
  });

  it('is none where storage is refused', () => {
    vi.stubGlobal('localStorage', {
      getItem() {
        throw new DOMException('Refused', 'SecurityError');
      },
    });
    expect(installedNote.open().models).toEqual([]);
  });
});
