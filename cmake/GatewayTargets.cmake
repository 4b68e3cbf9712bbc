# What all targets share: warnings, sanitizers, and how a library is made of folders.

add_library(model_gateway_options INTERFACE)
if(GATEWAY_DEV)
  target_compile_options(model_gateway_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
  # GCC 12 takes "literal" + std::string for overlapping copies when it optimises (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(model_gateway_options INTERFACE -Wno-restrict)
  endif()
endif()
# GCC looks for memory that it no longer needs less often: a twentieth of its time, for some hundred MiB.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(model_gateway_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-expand=200> $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=524288>)
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

# Sources in a batch of a unity build, and where many define alike what only they know, as commands do. Headers cost about
# as much as the code of a source: large batches read them once. Debug builds are for those who change a source now and
# then, and wait for its batch alone.
set(GATEWAY_BATCH 64)
set(GATEWAY_SMALL_BATCH 32)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(GATEWAY_BATCH 8)
  set(GATEWAY_SMALL_BATCH 8)
endif()

# gateway_compile_alone(SOURCE...): with CMAKE_UNITY_BUILD these are left out of the batches.
function(gateway_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# gateway_optimise(TARGET LEVEL): how far a release optimises, where that is less than usual. At -O1 GCC takes half the time
# of -O3, at -Og still less. It then sees less of what is initialised where, and would warn of it in vain.
function(gateway_optimise target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
  endif()
endfunction()

# gateway_sources(RESULT PLACE...): all sources in the places, each of which is a folder or begins the names of sources.
function(gateway_sources result)
  set(sources)
  foreach(place IN LISTS ARGN)
    if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${place})
      string(APPEND place /)
    endif()
    file(GLOB here CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${place}*.cc)
    list(APPEND sources ${here})
  endforeach()
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

# gateway_library(NAME [FOLDERS place...] [WARM place...] [COLD place...] [NEEDS component...] [LINKS library...]
# [PACKAGES package...] [PC module...]): component NAME, target model_gateway_NAME with alias gateway::NAME, of all sources
# in the places; what WARM or COLD names is taken out of FOLDERS. FOLDERS: what reads bytes and counts. WARM: what works
# a few times for a request, or translates. COLD: what does nothing while a request is relayed. NEEDS: components whose headers its users see. LINKS: what only its own sources
# use. PACKAGES and PC: the same as CMake packages and pkg-config modules, for who links the installed library.
function(gateway_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;WARM;COLD;NEEDS;LINKS;PACKAGES;PC")
  set(target model_gateway_${name})
  gateway_sources(sources ${arg_FOLDERS})
  gateway_sources(warm ${arg_WARM})
  gateway_sources(cold ${arg_COLD})
  list(REMOVE_ITEM sources "" ${warm} ${cold})
  if(NOT arg_FOLDERS)
    add_library(${target} ${cold})
    gateway_optimise(${target} -Og)
  else()
    add_library(${target} ${sources})
    # GCC inlines sparingly in what it takes for a large source file, which each batch of a unity build is: the same code
    # would be slower than compiled file by file.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:--param=large-unit-insns=200000>)
    endif()
    # A batch has one set of flags: these sources are batched apart, and become part of the library.
    set(parts warm cold)
    set(levels -O1 -Og)
    foreach(part level IN ZIP_LISTS parts levels)
      set(objects ${target}_${part})
      if(${part})
        add_library(${objects} OBJECT ${${part}})
        gateway_optimise(${objects} ${level})
        target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib)
        target_link_libraries(${objects} PRIVATE model_gateway_options ${arg_LINKS})
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
        set_target_properties(${objects} PROPERTIES UNITY_BUILD_BATCH_SIZE ${GATEWAY_BATCH})
      endif()
    endforeach()
  endif()
  add_library(gateway::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} DEFINE_SYMBOL "" VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} UNITY_BUILD_BATCH_SIZE ${GATEWAY_BATCH})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  list(TRANSFORM arg_NEEDS PREPEND gateway:: OUTPUT_VARIABLE needs)
  target_link_libraries(${target} PUBLIC ${needs} PRIVATE $<BUILD_INTERFACE:model_gateway_options> ${arg_LINKS})
  target_compile_features(${target} PUBLIC cxx_std_20)
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
