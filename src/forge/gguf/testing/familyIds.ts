/** A text of a tiny model, longer than its windows, and the tokens whose scores after each position are kept. */
export const FAMILY_IDS = [1, 262, 30, 104, 104, 19, 266, 111, 287, 45, 3, 270] as const;
export const SCORED_IDS = [0, 2, 40, 80, 120, 160, 200, 240, 263, 287] as const;
