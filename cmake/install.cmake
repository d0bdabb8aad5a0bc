# What `cmake --install` gives: the program with its pack, and the library without Kafka as
# find_package(telex) and telex::telex.

include(CMakePackageConfigHelpers)

set(TELEX_LIBRARIES telex_schemas telex_text telex_language telex_knowledge telex_entities
    telex_topics telex_duplicates telex_process telex_decode telex_archive)
add_library(telex_all INTERFACE)
target_link_libraries(telex_all INTERFACE ${TELEX_LIBRARIES})
set_target_properties(telex_all PROPERTIES EXPORT_NAME telex)

install(TARGETS ${TELEX_LIBRARIES} telex_all EXPORT telexTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/telex)
install(EXPORT telexTargets NAMESPACE telex:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/telex)
foreach(folder schemas process ingest/decode ingest/archive)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
          DESTINATION include/telex/${folder}/.. FILES_MATCHING PATTERN "*.h")
endforeach()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/telexConfig.cmake.in
  ${PROJECT_BINARY_DIR}/telexConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/telex)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/telexConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/telexConfig.cmake ${PROJECT_BINARY_DIR}/telexConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/telex)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/telex/schemas
        FILES_MATCHING PATTERN "*.schema.json")

if(TELEX_BUILD_SERVICE)
  install(TARGETS telex RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${PROJECT_BINARY_DIR}/telex.pack DESTINATION ${CMAKE_INSTALL_DATADIR}/telex)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
