# What all targets share: warnings, sanitizers, and how a library is made of folders.

add_library(model_gateway_options INTERFACE)
if(GATEWAY_DEV)
  target_compile_options(model_gateway_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
  # GCC 12 takes "literal" + std::string for overlapping copies when it optimises (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(model_gateway_options INTERFACE -Wno-restrict)
  endif()
endif()
if(GATEWAY_SANITIZE)
  target_compile_options(model_gateway_options INTERFACE -fsanitize=${GATEWAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(model_gateway_options INTERFACE -fsanitize=${GATEWAY_SANITIZE})
endif()

# Optimised builds are hardened: bounds that the C library checks (which it can only in optimised code), canaries on the
# stack, no writable relocations, and jumps that land where jumps may, on processors that check it.
if(NOT GATEWAY_SANITIZE)
  include(CheckPIESupported)
  check_pie_supported()
  set(hardened $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  target_compile_options(model_gateway_options INTERFACE
    $<${hardened}:-U_FORTIFY_SOURCE> $<${hardened}:-D_FORTIFY_SOURCE=2> $<${hardened}:-fstack-protector-strong>)
  target_link_options(model_gateway_options INTERFACE $<${hardened}:-Wl,-z,relro,-z,now>)
endif()

# Nobody replaces one of our functions in a shared library of ours: calls within a source may be inlined, as Clang does.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(model_gateway_options INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:-fno-semantic-interposition>)
endif()

# gateway_compile_alone(SOURCE...): with CMAKE_UNITY_BUILD these are left out of the batches, since names of theirs clash
# with other sources'.
function(gateway_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# gateway_cold(TARGET): nothing in it works while a request is relayed. A release compiles it in half the time, for code
# that is a little slower. GCC then sees less of what is initialised where, and would warn of it in vain.
function(gateway_cold target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
  endif()
endfunction()

# gateway_library(NAME [COLD] FOLDERS folder... [NEEDS component...] [LINKS library...] [PACKAGES package...]
# [PC module...]): component NAME, target model_gateway_NAME with alias gateway::NAME, of all sources in the folders. COLD:
# as gateway_cold() says. NEEDS: components whose headers its users see. LINKS: what only its own sources use. PACKAGES and
# PC: the same as CMake packages and pkg-config modules, for who links the installed library.
function(gateway_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "COLD" "" "FOLDERS;NEEDS;LINKS;PACKAGES;PC")
  set(target model_gateway_${name})
  list(TRANSFORM arg_FOLDERS REPLACE "(.+)" "${CMAKE_CURRENT_SOURCE_DIR}/\\1/*.cc" OUTPUT_VARIABLE globs)
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  add_library(${target} ${sources})
  add_library(gateway::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} DEFINE_SYMBOL "" VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  list(TRANSFORM arg_NEEDS PREPEND gateway:: OUTPUT_VARIABLE needs)
  target_link_libraries(${target} PUBLIC ${needs} PRIVATE $<BUILD_INTERFACE:model_gateway_options> ${arg_LINKS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  # GCC inlines sparingly in what it takes for a large source file, which each batch of a unity build is: the same code
  # would be slower than compiled file by file.
  if(arg_COLD)
    gateway_cold(${target})
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:--param=large-unit-insns=200000>)
  endif()
  set_property(GLOBAL APPEND PROPERTY GATEWAY_COMPONENTS ${name})
  foreach(part IN ITEMS NEEDS PACKAGES PC)
    set_property(GLOBAL PROPERTY GATEWAY_${part}_${name} ${arg_${part}})
  endforeach()
endfunction()

# gateway_precompile(TARGET HEADER...): headers that cost seconds each and that nearly every source of the target has.
function(gateway_precompile target)
  if(NOT GATEWAY_PRECOMPILE)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN})
  # So that ccache can see through them; it also wants CCACHE_SLOPPINESS=pch_defines,time_macros.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  endif()
endfunction()
