// What bundle-specs.js bundles: tfjs-core's own spec files, ready to be defined on one engine.
import '@tensorflow/tfjs-core';
// The specs call operations as methods of tensors.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { getGlobal } from '@tensorflow/tfjs-core/dist/global_util';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';

// The specs hold tfjs's gradients, too: at ties, for example, those differ from Strata's on purpose.
const gradients = getGlobal('gradRegistry', () => new Map());
let strata = new Map(gradients);
gradients.clear();
require('@tensorflow/tfjs-core/dist/register_all_gradients');
const tfjs = new Map(gradients);
put(strata);

function put(entries) {
  gradients.clear();
  for (const [name, gradient] of entries) gradients.set(name, gradient);
}

setTestEnvs([specs.testEnv]);
// Evaluated after the line above: every spec file reads the environments while it defines itself.
require('@tensorflow/tfjs-core/dist/tests');

specs.defined = {
  useTfjsGradients() {
    strata = new Map(gradients);
    put(tfjs);
  },
  restoreGradients: () => put(strata),
};
