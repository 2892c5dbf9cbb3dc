/** What tfjs's WebGL engine has no kernel for, each with the reason. None of it is needed to train. */
export const gaps: Readonly<Record<string, string>> = {
  Dilation2DBackpropFilter: 'tfjs has no WebGL kernel for gradients of the morphological dilation.',
  Dilation2DBackpropInput: 'tfjs has no WebGL kernel for gradients of the morphological dilation.',
  Draw: 'tfjs draws tensors onto a canvas from its CPU and WebGPU engines only.',
};
