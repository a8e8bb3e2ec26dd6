// expect: bindable
// The members of structs are known to programs that include weft/core/describe.hpp.

#include <weft/embedded/database.hpp>
#ifdef WEFT_CORRECT
#include <weft/core/describe.hpp>
#endif

struct point {
    int x = 0;
};

void use(weft::embedded::database& on) {
    on.execute("INSERT INTO t VALUES (?)", point());
}
