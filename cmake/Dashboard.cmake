# The dashboard in the program: its files are built by npm in the build directory, from package-lock.json alone and
# without running any script of a package, and become one C++ source.

# gateway_dashboard_builds(RESULT): whether npm and a Node.js that is new enough for the build are there.
function(gateway_dashboard_builds result)
  find_program(GATEWAY_NPM npm)
  find_program(GATEWAY_NODE node)
  mark_as_advanced(GATEWAY_NPM GATEWAY_NODE)
  set(${result} OFF PARENT_SCOPE)
  if(GATEWAY_NPM AND GATEWAY_NODE)
    execute_process(COMMAND ${GATEWAY_NODE} --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX REPLACE "^v" "" version "${version}")
    if(version VERSION_GREATER_EQUAL 22.12 OR (version VERSION_GREATER_EQUAL 20.19 AND version VERSION_LESS 21))
      set(${result} ON PARENT_SCOPE)
    endif()
  endif()
endfunction()

# gateway_dashboard_source(RESULT): the C++ source with the built files.
function(gateway_dashboard_source result)
  set(from ${PROJECT_SOURCE_DIR}/apps/dashboard)
  set(to ${PROJECT_BINARY_DIR}/dashboard)
  set(out ${to}/dashboard_assets.cc)
  set(installed ${to}/node_modules/.package-lock.json)
  file(GLOB_RECURSE pages CONFIGURE_DEPENDS ${from}/src/* ${from}/tests/*)
  set(build index.html tsconfig.json vite.config.ts)
  list(TRANSFORM build PREPEND ${from}/)
  add_custom_command(OUTPUT ${installed}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${to}
    COMMAND ${CMAKE_COMMAND} -E copy ${from}/package.json ${from}/package-lock.json ${from}/.npmrc ${to}
    COMMAND ${GATEWAY_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${installed}
    DEPENDS ${from}/package.json ${from}/package-lock.json ${from}/.npmrc
    WORKING_DIRECTORY ${to} COMMENT "Installing what builds the dashboard" VERBATIM)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -E rm -rf src scripts tests dist
    COMMAND ${CMAKE_COMMAND} -E copy ${build} ${to}
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${from}/src ${to}/src
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${from}/scripts ${to}/scripts
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${from}/tests ${to}/tests
    COMMAND ${GATEWAY_NODE} node_modules/vite/bin/vite.js build --logLevel warn
    COMMAND ${GATEWAY_NODE} scripts/embed.mjs dist ${out}
    DEPENDS ${installed} ${build} ${pages} ${from}/scripts/embed.mjs
    WORKING_DIRECTORY ${to} COMMENT "Building the dashboard" VERBATIM)
  set(${result} ${out} PARENT_SCOPE)
endfunction()
