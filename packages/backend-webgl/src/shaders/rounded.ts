/**
 * `plus()` and `times()` of floats, each rounded by itself. GLSL may round a product and the sum after it together; here the bits go
 * through a number between the two that no compiler knows: the uniform `nought`, which is 0.
 */
export const ROUNDED = `
  float rounded(float x) { return intBitsToFloat(floatBitsToInt(x) ^ nought); }
  float plus(float a, float b) { return rounded(a + b); }
  float times(float a, float b) { return rounded(a * b); }
`;
