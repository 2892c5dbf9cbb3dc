/** Trainings, compiled against eager. */
import type { Check } from '../check.js';
import { assertClose, assertEqual, assertIdentical, type Tolerance } from '../compare.js';
import { assertNoLeak } from '../flat-memory.js';
import { compiled, eagerly, type Seen } from '../training/seen-training.js';
import type { Training } from '../training/training.js';

/** The checks of one training, on the active engine. */
export function compiledTraining(training: Training, tolerance: Tolerance): Check[] {
  return [
    {
      name: 'gives compiled what it gives eagerly: results, States and generators after each step; and leaves nothing',
      async run() {
        let received: Seen;
        await assertNoLeak('A compiled training', async () => {
          received = await compiled(training);
        });
        assertSame(received!, await eagerly(training), tolerance);
      },
    },
    {
      name: 'gives the same bits in a second run, and needs no more programs when it goes on',
      run: async () => assertSame(await compiled(training, 2), await compiled(training), EXACT),
    },
  ];
}

const EXACT: Tolerance = { relative: 0 };

export function assertSame(received: Seen, expected: Seen, tolerance: Tolerance): void {
  assertEqual('Other things are seen', [...received.keys()], [...expected.keys()]);
  for (const [what, elements] of expected) {
    if (tolerance.relative === 0) assertIdentical(what, received.get(what)!, elements);
    else assertClose(what, received.get(what)!, elements, tolerance);
  }
}
