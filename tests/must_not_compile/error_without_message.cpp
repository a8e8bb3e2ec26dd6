// expect: no matching (function|constructor)
// An error says what went wrong: there is none without a message or diagnostics.

#include <weft/core/error.hpp>

#ifdef WEFT_CORRECT
const weft::data_error error{"out of range"};
#else
const weft::data_error error;
#endif
