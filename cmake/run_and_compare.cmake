# cmake -DPROGRAM= [-DARGUMENT=] [-DSERVERS=] -DEXPECTED= -P run_and_compare.cmake: runs PROGRAM in an empty directory; it
# must succeed and, where the file EXPECTED exists, print exactly that. SERVERS is the file that tells which servers run:
# PROGRAM finds the URL of the MariaDB among them in WEFT_MYSQL_URL.

set(directory ${PROGRAM}.run${ARGUMENT})
file(REMOVE_RECURSE ${directory})
file(MAKE_DIRECTORY ${directory})
if(SERVERS)
  file(STRINGS ${SERVERS} url REGEX "^WEFT_MARIADB1011_URL=")
  string(REPLACE "WEFT_MARIADB1011_URL=" "" url "${url}")
  set(ENV{WEFT_MYSQL_URL} "${url}")
endif()
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
