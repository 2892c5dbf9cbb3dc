/** Registers the gradients of tfjs's kernels. Loaded by use(), so that importing core has no effect. */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
