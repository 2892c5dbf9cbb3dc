/** What tfjs knows this engine by. */
export const NAME = 'strata-webgl';
