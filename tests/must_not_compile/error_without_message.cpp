// expect: no matching function|implicitly-deleted default constructor
// An error says what went wrong: there is none without a message or diagnostics.

#include <weft/core/error.hpp>

[[noreturn]] void fail() {
#ifdef WEFT_CORRECT
    throw weft::data_error("out of range");
#else
    throw weft::data_error();
#endif
}
