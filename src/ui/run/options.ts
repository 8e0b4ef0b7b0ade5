import { msg } from '@lit/localize';
import type { Task } from '../../core/tasks.ts';

export interface OptionField {
  /** As in the options of the task. */
  readonly name: string;
  readonly label: string;
  /** What holds while it is empty. */
  readonly hint: string;
  readonly kind: 'text' | 'count' | 'share' | 'check';
}

/** The options that a person may want to set by hand; whoever programs has all of them. */
export function optionFields(task: Task): readonly OptionField[] {
  const threshold: OptionField = {
    name: 'threshold',
    label: msg('Shown from a certainty of'),
    hint: task === 'object-detection' ? '0.5' : '0.1',
    kind: 'share',
  };
  const length: OptionField = {
    name: 'max_new_tokens',
    label: msg('Longest answer, in tokens'),
    hint: msg('as the model has it'),
    kind: 'count',
  };
  switch (task) {
    case 'zero-shot-classification':
      return [{ name: 'multi_label', label: msg('Several labels may be right'), hint: '', kind: 'check' }];
    case 'object-detection':
    case 'zero-shot-object-detection':
      return [threshold];
    case 'translation':
      return [
        { name: 'src_lang', label: msg('From (code of the language)'), hint: msg('as the model has it'), kind: 'text' },
        { name: 'tgt_lang', label: msg('Into (code of the language)'), hint: msg('as the model has it'), kind: 'text' },
        length,
      ];
    case 'summarization':
    case 'text2text-generation':
    case 'image-to-text':
    case 'document-question-answering':
      return [length];
    case 'text-to-audio':
      return [{ name: 'voice', label: msg('Voice'), hint: msg('the first one'), kind: 'text' }];
    default:
      return [];
  }
}

/** What was filled in, as the task wants it; what is empty is left out. */
export function optionsOf(task: Task, filled: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    optionFields(task).flatMap(({ name, kind }) => {
      const value = filled[name]?.trim() ?? '';
      if (value === '') return [];
      return [[name, kind === 'check' ? value === 'true' : kind === 'text' ? value : Number(value)]];
    }),
  );
}
