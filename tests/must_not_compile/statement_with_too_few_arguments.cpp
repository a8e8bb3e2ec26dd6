// expect: placeholders_match_arguments
// The placeholders of a statement given as template argument are counted while compiling.

#include "../cursor/counting_connection.hpp"

void use(counting_connection& on) {
#ifdef WEFT_CORRECT
    (void)on.query<"? ?">(1, 2);
#else
    (void)on.query<"? ?">(1);
#endif
}
