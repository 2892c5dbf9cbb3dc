/** The `strata` command as a function, for programs that run it within their own process. */
export { type ExitCode, main } from './program.js';
