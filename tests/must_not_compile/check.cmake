# cmake -DSOURCE= -DCOMPILER= -DINCLUDES= -P check.cmake

file(STRINGS ${SOURCE} expected LIMIT_COUNT 1 REGEX "^// expect: ")
string(REGEX REPLACE "^// expect: " "" expected "${expected}")
if(expected STREQUAL "")
  message(FATAL_ERROR "${SOURCE}: the first line must be `// expect: <regex>`")
endif()

list(REMOVE_DUPLICATES INCLUDES)
list(TRANSFORM INCLUDES PREPEND -I)
set(compile ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDES} ${SOURCE})

execute_process(COMMAND ${compile} -DWEFT_CORRECT RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} does not compile with WEFT_CORRECT defined:\n${output}")
endif()

execute_process(COMMAND ${compile} RESULT_VARIABLE result ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, and must not")
elseif(NOT output MATCHES "${expected}")
  message(FATAL_ERROR "${SOURCE} fails to compile, but no message matches «${expected}»:\n${output}")
endif()
