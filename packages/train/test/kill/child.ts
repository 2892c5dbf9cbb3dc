/** Takes up a run and dies at the moment it is told. Arguments: run directory, rule, number of the moment. */
import { useTestEngine } from '../engine.js';
import { type Rule, takeUp } from './run.js';

const [runDir, rule, last] = process.argv.slice(2) as [string, Rule, string];
let moments = 0;

void useTestEngine().then(() =>
  takeUp(runDir, rule, () => {
    if (++moments === Number(last)) process.kill(process.pid, 'SIGKILL');
  }),
);
