// expect: result_format
// A format binds to a schema; saying what it produces is not enough.

#include <weft/format/dicts.hpp>

#include "../cursor/counting_connection.hpp"

struct half_a_format {
    using result_type = int;
};

void use(counting_connection& on) {
#ifdef WEFT_CORRECT
    (void)on.query<weft::dicts>("3");
#else
    (void)on.query<half_a_format>("3");
#endif
}
