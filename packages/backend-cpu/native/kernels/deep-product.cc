// Products much deeper than they are wide and high, such as gradients of filters and weights: blocks of C would each copy
// their rows of A and columns of B into panels over the whole depth. Dividing the depth instead copies both matrices once.
#include "matmul/deep-product.h"

#include "kernel.h"
#include "runtime/sizes.h"

STRATA_BEGIN

namespace {

/** The depth of a piece at least: sums over it must be worth what adding them up costs. */
constexpr size_t kLeastDepth = 512;
/** Enough for as many threads; more would only add up more. */
constexpr size_t kMostPieces = 8;

/** c[j] = activation(Σ over p < pieces of parts[p·step + j] + bias[j]) for j < n, the terms added in order. */
void addRow(const float* parts, size_t step, size_t pieces, const float* bias, Activation activation, float* c,
            size_t n) {
  const auto add = [&](size_t j, auto&& get) {
    Vector sum = get(parts + j);
    for (size_t p = 1; p < pieces; ++p) {
      sum += get(parts + p * step + j);
    }
    return bias == nullptr ? sum : sum + get(bias + j);
  };
  size_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    store(c + j, add(j, [](const float* from) __attribute__((always_inline)) { return load(from); }));
  }
  if (j < n) {
    storePart(c + j, add(j, [=](const float* from) __attribute__((always_inline)) { return loadPart(from, n - j); }),
              n - j);
  }
  activate(activation, c, n);
}

}  // namespace

size_t depthPieces(const Product& product) {
  size_t pieces = 1;
  while (pieces < kMostPieces && product.k >= 2 * pieces * kLeastDepth) {
    pieces *= 2;
  }
  // Each piece writes a C of its own, which is read again.
  const size_t sums = 2 * pieces * product.m * product.n;
  const size_t copies = product.k * (product.m + product.n);
  return suitsStreams(product) || 2 * sums > copies ? 1 : pieces;
}

void multiplyDeep(Call& call, const Product& product, size_t pieces) {
  const size_t m = product.m;
  const size_t n = product.n;
  const size_t threads = static_cast<size_t>(call.threads());
  const size_t depth = ceilDivide(product.k, pieces);
  const size_t part = roundUp(m * n);
  const size_t perThread = roundUp(productScratch(m, n, depth));
  float* parts = static_cast<float*>(call.scratch((part * pieces + perThread * threads) * sizeof(float)));
  if (call.failed()) {
    return;
  }
  float* scratch = parts + part * pieces;
  call.parallelFor(pieces, 1, [&](size_t begin, size_t end, int slot) {
    for (size_t piece = begin; piece < end; ++piece) {
      const size_t from = piece * depth;
      Product one = product;
      one.k = least(depth, product.k - from);
      one.a += from * product.aDepth;
      one.b += from * product.bDepth;
      one.c = parts + piece * part;
      one.cStride = n;
      one.bias = nullptr;
      one.activation = Activation::linear;
      multiplyBlock(one, 0, m, 0, n, scratch + static_cast<size_t>(slot) * perThread);
    }
  });
  constexpr size_t kGrain = 8192;
  const bool follows = product.cStride == n && call.takeFollower(n);
  call.parallelFor(m, kGrain / n + 1, [&](size_t begin, size_t end, int slot) {
    for (size_t i = begin; i < end; ++i) {
      addRow(parts + i * n, part, pieces, product.bias, product.activation, product.c + i * product.cStride, n);
    }
    if (follows) {
      call.follow(begin * n, end * n, slot);
    }
  });
}

STRATA_END
