// expect: number_metric
// Indexes hold vectors of numbers; hamming is between bits.

#include <weft/vector/flat.hpp>

#ifdef WEFT_CORRECT
using metric = weft::vector::l1;
#else
using metric = weft::vector::hamming;
#endif

weft::vector::flat<metric> made(16);
