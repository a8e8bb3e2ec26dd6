// expect: needs weft/columnar/cell_block.hpp
// Buffering copies the rows of results that show one at a time.

#include <weft/embedded/database.hpp>
#ifdef WEFT_CORRECT
#include <weft/columnar/cell_block.hpp>
#endif

void use(weft::embedded::database& on) {
    on.make_cursor<weft::buffered>(weft::tuples<int>()).execute("SELECT 1");
}
