// expect: composable
// A buffering strategy has a store for the results of the connection.

#include "../cursor/counting_connection.hpp"

struct no_store {
    static constexpr std::size_t batch_rows = 0;
};

#ifdef WEFT_CORRECT
using cursor = weft::cursor<counting_connection, weft::buffered>;
#else
using cursor = weft::cursor<counting_connection, no_store>;
#endif
