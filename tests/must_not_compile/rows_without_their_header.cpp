// expect: needs weft/cursor/execute_many.hpp
// Executing for many rows has a header of its own.

#include <weft/embedded/database.hpp>
#ifdef WEFT_CORRECT
#include <weft/cursor/execute_many.hpp>
#endif

void use(weft::embedded::database& on) {
    on.execute_many("INSERT INTO t VALUES (?)", std::vector{1, 2});
}
