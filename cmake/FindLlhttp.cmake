# llhttp::llhttp, the HTTP/1.1 parser of Node.js. Takes a system library where there is one (libllhttp), else builds the
# C sources that Debian's node-llhttp package installs below /usr/share.
find_path(LLHTTP_INCLUDE_DIR llhttp.h PATH_SUFFIXES llhttp PATHS /usr/include /usr/local/include /usr/share/include)
find_library(LLHTTP_LIBRARY NAMES llhttp)
find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp)

include(FindPackageHandleStandardArgs)
if(LLHTTP_LIBRARY)
  find_package_handle_standard_args(Llhttp DEFAULT_MSG LLHTTP_LIBRARY LLHTTP_INCLUDE_DIR)
else()
  find_package_handle_standard_args(Llhttp
    REASON_FAILURE_MESSAGE "install libllhttp, or Debian's node-llhttp" REQUIRED_VARS LLHTTP_SOURCE_DIR LLHTTP_INCLUDE_DIR)
endif()

if(Llhttp_FOUND AND NOT TARGET llhttp::llhttp)
  if(LLHTTP_LIBRARY)
    add_library(llhttp::llhttp UNKNOWN IMPORTED)
    set_target_properties(llhttp::llhttp PROPERTIES IMPORTED_LOCATION ${LLHTTP_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${LLHTTP_INCLUDE_DIR})
  else()
    # Objects, which become part of the library that uses them: it is installed without another one beside it.
    add_library(model_gateway_llhttp OBJECT ${LLHTTP_SOURCE_DIR}/llhttp.c ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c)
    set_target_properties(model_gateway_llhttp PROPERTIES UNITY_BUILD OFF POSITION_INDEPENDENT_CODE ON)
    target_include_directories(model_gateway_llhttp SYSTEM PRIVATE ${LLHTTP_INCLUDE_DIR})
    target_compile_definitions(model_gateway_llhttp PRIVATE LLHTTP_STRICT_MODE=1)
    add_library(llhttp::llhttp INTERFACE IMPORTED)
    set_target_properties(llhttp::llhttp PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${LLHTTP_INCLUDE_DIR}
      INTERFACE_COMPILE_DEFINITIONS LLHTTP_STRICT_MODE=1)
  endif()
endif()
mark_as_advanced(LLHTTP_INCLUDE_DIR LLHTTP_LIBRARY LLHTTP_SOURCE_DIR)
