# Installs this build into an empty folder and builds a project against it that knows nothing of the
# source tree: cmake -DBUILD=... -DSOURCE=... -DWORK=... -P check.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${out}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer)
# The installed program finds the installed pack.
run(${CMAKE_COMMAND} -E env --unset=TELEX_PACK ${WORK}/prefix/bin/telex kb info)
file(REMOVE_RECURSE ${WORK})
