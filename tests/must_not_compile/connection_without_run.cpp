// expect: connection<|satisfy 'connection'
// A connection runs statements.

#include "../cursor/counting_connection.hpp"

struct nothing_but_a_dialect {
    static constexpr weft::sql_dialect dialect{};
};

#ifdef WEFT_CORRECT
using cursor = weft::cursor<counting_connection>;
#else
using cursor = weft::cursor<nothing_but_a_dialect>;
#endif
