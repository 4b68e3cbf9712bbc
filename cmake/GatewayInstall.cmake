# Install and export: find_package(model_gateway) gives gateway::gateway, gateway::curl, gateway::sqlite, ...
include(CMakePackageConfigHelpers)
get_property(libraries GLOBAL PROPERTY GATEWAY_LIBRARIES)
install(TARGETS ${libraries} EXPORT model_gateway ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/gateway DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT model_gateway NAMESPACE gateway:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/model_gateway)
configure_package_config_file(cmake/model_gatewayConfig.cmake.in model_gatewayConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/model_gateway)
write_basic_package_version_file(model_gatewayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/model_gatewayConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/model_gatewayConfigVersion.cmake
  cmake/FindZstd.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/model_gateway)
