/**
 * `plus()` and `times()` of floats, each rounded by itself. WGSL may round a product and the sum after it together; here the bits go
 * through a number between the two that no compiler knows: the uniform `nought`, which is 0.
 */
export const ROUNDED = `
  fn rounded(x : f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ uniforms.nought); }
  fn plus(a : f32, b : f32) -> f32 { return rounded(a + b); }
  fn times(a : f32, b : f32) -> f32 { return rounded(a * b); }
`;
