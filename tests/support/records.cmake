# Tests that leave records in the build folder, and the test that validates them.
#
# telex_records_test(): as telex_test(); each of its cases is a set-up step of `records.validate`,
# so that ctest runs that one after them, and runs them when only that one is asked for. Cases that
# need the public data are none of these: ctest would run them where there is no such data.
function(telex_records_test name)
  telex_test(${name} ${ARGN})
  string(REPLACE "/" "." target "test.${name}")
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}.records.cmake)
  file(WRITE ${script} "
foreach(test IN LISTS ${target}_TESTS)
  set_tests_properties(\"\${test}\" PROPERTIES FIXTURES_SETUP records FIXTURES_REQUIRED records_clean)
endforeach()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
endfunction()
