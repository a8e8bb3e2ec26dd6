// expect: bindable
// Arguments are values, lists, named arguments or structs of values; a character is neither number nor text.

#include "../cursor/counting_connection.hpp"

void use(counting_connection& on) {
#ifdef WEFT_CORRECT
    on.execute("?", 'x' - 'a');
#else
    on.execute("?", 'x');
#endif
}
