# Install and export: find_package(model_gateway COMPONENTS core curl ...) gives gateway::core, gateway::curl, ...;
# pkg-config knows them as model-gateway (the core) and model-gateway-curl, ....
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/model_gateway)
get_property(components GLOBAL PROPERTY GATEWAY_COMPONENTS)
set(GATEWAY_COMPONENT_TABLE "")
foreach(name IN LISTS components)
  foreach(part IN ITEMS NEEDS PACKAGES PC)
    get_property(${part} GLOBAL PROPERTY GATEWAY_${part}_${name})
  endforeach()
  install(TARGETS model_gateway_${name} EXPORT model_gateway_${name} COMPONENT ${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT model_gateway_${name} NAMESPACE gateway:: DESTINATION ${package} COMPONENT ${name})
  # The net library is what curl is made of: a link without it fails.
  set(parts ${NEEDS})
  if(name STREQUAL "curl")
    list(APPEND parts net)
  endif()
  string(APPEND GATEWAY_COMPONENT_TABLE
    "set(model_gateway_${name}_NEEDS ${parts})\nset(model_gateway_${name}_PACKAGES ${PACKAGES})\n")

  set(PC_NAME model-gateway-${name})
  if(name STREQUAL "core")
    set(PC_NAME model-gateway)
  endif()
  list(TRANSFORM parts REPLACE "(.+)" "model-gateway-\\1")
  list(TRANSFORM parts REPLACE "-core$" "")
  list(JOIN parts ", " PC_REQUIRES)
  list(JOIN PC ", " PC_REQUIRES_PRIVATE)
  set(PC_LIBRARY model_gateway_${name})
  configure_file(cmake/model-gateway.pc.in ${PC_NAME}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${PC_NAME}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${name})
endforeach()
install(DIRECTORY include/gateway DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT core)
configure_package_config_file(cmake/model_gatewayConfig.cmake.in model_gatewayConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(model_gatewayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/model_gatewayConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/model_gatewayConfigVersion.cmake
  cmake/FindZstd.cmake DESTINATION ${package} COMPONENT core)
