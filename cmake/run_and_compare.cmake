# cmake -DPROGRAM= [-DARGUMENT=] -DEXPECTED= -P run_and_compare.cmake: runs PROGRAM in an empty directory; it must succeed
# and, where the file EXPECTED exists, print exactly that.

set(directory ${PROGRAM}.run${ARGUMENT})
file(REMOVE_RECURSE ${directory})
file(MAKE_DIRECTORY ${directory})
execute_process(COMMAND ${PROGRAM} ${ARGUMENT} WORKING_DIRECTORY ${directory} RESULT_VARIABLE result OUTPUT_VARIABLE output
                ERROR_VARIABLE errors)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}:\n${output}${errors}")
endif()
if(EXPECTED AND EXISTS ${EXPECTED})
  file(READ ${EXPECTED} expected)
  if(NOT output STREQUAL expected)
    message(FATAL_ERROR "expected:\n${expected}\nprinted:\n${output}")
  endif()
endif()
