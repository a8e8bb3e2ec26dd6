// expect: storage_for
// Bytes are for metrics that products of them make.

#include <weft/vector/hnsw.hpp>

#ifdef WEFT_CORRECT
using metric = weft::vector::cosine;
#else
using metric = weft::vector::linf;
#endif

weft::vector::hnsw<metric, weft::vector::int8> made(16);
