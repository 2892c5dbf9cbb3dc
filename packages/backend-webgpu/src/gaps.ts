/** What tfjs's WebGPU engine has no kernel for, and what cannot be supplied, each with the reason. */
export const gaps: Readonly<Record<string, string>> = {};
