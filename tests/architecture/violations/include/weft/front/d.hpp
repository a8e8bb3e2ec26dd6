#include <weft/core.hpp>
