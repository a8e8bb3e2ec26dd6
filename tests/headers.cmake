# One unit per public header which includes only it, twice: it needs nothing before it and its guard works. All units
# are then linked into one program, so a function that lacks `inline` is found too.

set(header_root ${PROJECT_SOURCE_DIR}/include)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${header_root} ${header_root}/*.hpp)
list(FILTER headers EXCLUDE REGEX "/detail/")
get_property(component_headers GLOBAL PROPERTY weft_component_headers) # compiled by the tests of their components
list(REMOVE_ITEM headers ${component_headers})

set(main ${CMAKE_CURRENT_BINARY_DIR}/headers/main.cpp)
file(CONFIGURE OUTPUT ${main} CONTENT "int main() {}\n")
add_executable(test_headers ${main})

foreach(header IN LISTS headers)
  string(REGEX MATCH "^(weft/)?([^/.]+)" room ${header})
  set(room ${CMAKE_MATCH_2})
  if(NOT room IN_LIST WEFT_ROOMS)
    message(FATAL_ERROR "${header}: CMakeLists.txt has no weft_room(${room} ...)")
  endif()
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${unit}
       CONTENT "#include <${header}>\n#include <${header}> // NOLINT(readability-duplicate-include)\n")
  if(NOT TARGET headers_${room})
    add_library(headers_${room} OBJECT)
    target_link_libraries(headers_${room} PRIVATE weft::${room} weft_warnings)
    target_compile_options(headers_${room} PRIVATE -O0 -g0)
    target_link_libraries(test_headers PRIVATE headers_${room} weft::${room})
  endif()
  target_sources(headers_${room} PRIVATE ${unit})
endforeach()

add_test(NAME headers COMMAND test_headers)
set_tests_properties(headers PROPERTIES LABELS headers)
