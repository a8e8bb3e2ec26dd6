// expect: readable_record
// Every member of a record can be read from a cell; views cannot, since the rows go away.

#include <weft/format/records.hpp>

struct person {
#ifdef WEFT_CORRECT
    std::string name;
#else
    std::string_view name;
#endif
};

using format = weft::records<person>;
