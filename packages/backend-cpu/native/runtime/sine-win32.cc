// Before its version 12 MinGW-w64 computes sine and cosine by the processor's fsin and fcos, whose π of 66 bits is not enough for
// large angles: sin(1e19) is 1e19. Windows's own C library is right, and these call it in every version.
extern "C" {

extern float (*__imp_sinf)(float x);
extern float (*__imp_cosf)(float x);

float sinf(float x) { return __imp_sinf(x); }
float cosf(float x) { return __imp_cosf(x); }
}
