#include <weft/core/a.hpp>
