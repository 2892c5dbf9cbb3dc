// Golden bits of the random kernels, written independently of core in C++ `float` arithmetic:
//   g++ -O2 -ffp-contract=off -o /tmp/random random.cc && /tmp/random > random.json
// (clang++ gives the same.) An engine may take these functions over as they stand.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    uint64_t a = uint64_t(0xD2511F53u) * x0, b = uint64_t(0xCD9E8D57u) * x2;
    uint32_t y0 = uint32_t(b >> 32) ^ x1 ^ k0, y2 = uint32_t(a >> 32) ^ x3 ^ k1;
    x0 = y0, x1 = uint32_t(b), x2 = y2, x3 = uint32_t(a);
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

static uint32_t word(const uint32_t counter[4], const uint32_t key[2], uint64_t i) {
  uint64_t low = (uint64_t(counter[1]) << 32 | counter[0]) + (i >> 2);
  uint32_t c[4] = {uint32_t(low), uint32_t(low >> 32), counter[2], counter[3]}, out[4];
  philox(c, key, out);
  return out[i & 3];
}

static float radius(uint32_t x) {
  uint32_t n = (x >> 8) + 1;
  int e = 31 - __builtin_clz(n);
  float m = std::ldexp(float(n), -e);
  if (m > 1.41421354f) m = 0.5f * m, e += 1;
  float f = m - 1.0f, k = float(e - 24), z = f * f;
  float p = 7.0376836292e-2f;
  p = p * f + -1.151461031e-1f;
  p = p * f + 1.167699874e-1f;
  p = p * f + -1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f + -1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f + -2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  p = p * f;
  p = p * z;
  p = p + k * -2.1219444e-4f;
  p = p - 0.5f * z;
  float log = (f + p) + k * 0.693359375f;
  return std::sqrt(-2.0f * log);
}

static void normal(uint32_t x, uint32_t y, float out[2]) {
  float r = radius(x);
  float t = float(y >> 8) * 0x1p-22f;
  int q = int(t + 0.5f);
  float a = t - float(q), w = a * a;
  float s = -0.00462196674f * w + 0.079687029f;
  s = s * w + -0.645964026f;
  s = s * w;
  s = s * a;
  s = s + a * 1.57079637f;
  float c = 0.000906739908f * w + -0.0208615288f;
  c = c * w + 0.253669411f;
  c = c * w + -1.23370051f;
  c = c * w;
  c = c + 1.0f;
  float cosine = q & 1 ? s : c, sine = q & 1 ? c : s;
  out[0] = r * ((q + 1) & 2 ? -cosine : cosine);
  out[1] = r * (q & 2 ? -sine : sine);
}

static uint32_t bits(float x) {
  uint32_t b;
  std::memcpy(&b, &x, 4);
  return b;
}

static void list(const char* name, const uint32_t* values, int n, const char* end) {
  std::printf("    \"%s\": [", name);
  for (int i = 0; i < n; i++) std::printf("%s%u", i ? ", " : "", values[i]);
  std::printf("]%s\n", end);
}

// FNV-1a over 32-bit words.
static uint32_t checksum(const uint32_t* values, int n) {
  uint32_t h = 0x811C9DC5u;
  for (int i = 0; i < n; i++) h = (h ^ values[i]) * 0x01000193u;
  return h;
}

int main() {
  const uint32_t counters[3][4] = {{0, 0, 0, 0}, {0xFFFFFFFEu, 0xFFFFFFFFu, 5, 7}, {123456789, 3, 0, 0xDEADBEEFu}};
  const uint32_t keys[3][2] = {{0, 0}, {42, 0}, {0x89ABCDEFu, 0x1FFFFF}};
  const int n = 16, many = 1 << 16;
  static uint32_t words[many], uniforms[many], integers[many], normals[many];
  std::printf("[\n");
  for (int d = 0; d < 3; d++) {
    for (int i = 0; i < many; i++) words[i] = word(counters[d], keys[d], i);
    for (int i = 0; i < many; i++) {
      float u = float(words[i] >> 8) * 0x1p-24f;
      float width = 3.1f - -0.7f;
      uniforms[i] = bits(-0.7f + u * width);
      integers[i] = uint32_t(-5 + int32_t(uint64_t(words[i]) * 1000000007u >> 32));
    }
    for (int i = 0; i < many; i += 2) {
      float z[2];
      normal(words[i], words[i + 1], z);
      normals[i] = bits(0.25f + 1.7f * z[0]);
      normals[i + 1] = bits(0.25f + 1.7f * z[1]);
    }
    std::printf("  {\n");
    list("key", keys[d], 2, ",");
    list("counter", counters[d], 4, ",");
    list("words", words, n, ",");
    list("uniform", uniforms, n, ",");
    list("integers", integers, n, ",");
    list("normal", normals, n, ",");
    const uint32_t sums[4] = {checksum(words, many), checksum(uniforms, many), checksum(integers, many), checksum(normals, many)};
    list("checksums", sums, 4, "");
    std::printf("  }%s\n", d < 2 ? "," : "");
  }
  std::printf("]\n");
}
