import { RE2JS } from 're2js';
import type { PatternMatcher } from '../core/assertions.ts';

/** RE2's automata: no pattern takes longer than linear time in the text. Look-around and back-references, which need backtracking, are refused. */
export const matchesPattern: PatternMatcher = (pattern, text) => RE2JS.compile(pattern).matcher(text).find();
