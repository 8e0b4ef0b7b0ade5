/** Where Sill is served. Its sill.policy.json has to name the origin of this page under "guests". */
export const SILL = 'http://localhost:4173/';
