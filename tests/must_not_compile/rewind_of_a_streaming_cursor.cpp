// expect: scrollable
// A streaming cursor only moves forwards.

#include "../cursor/counting_connection.hpp"

void use(counting_connection& on) {
#ifdef WEFT_CORRECT
    weft::cursor<counting_connection, weft::buffered> c(on);
#else
    weft::cursor<counting_connection, weft::streaming<>> c(on);
#endif
    c.rewind();
}
