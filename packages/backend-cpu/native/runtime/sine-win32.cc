// Before its version 12 MinGW-w64 computes sine and cosine by the processor's fsin and fcos, whose π of 66 bits is not enough
// for large angles: the sign may be wrong. Windows's own C library is right, and these call it in every version.
extern "C" {

extern double (*__imp_sin)(double x);
extern double (*__imp_cos)(double x);

double sin(double x) { return __imp_sin(x); }
double cos(double x) { return __imp_cos(x); }
}
