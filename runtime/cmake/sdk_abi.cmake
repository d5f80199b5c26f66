# Writes OUTPUT, a header with the hash of all installed headers below FOLDERS, so that a plugin
# built against others is refused instead of crashing. Comments and white space do not count.
# Usage: cmake -DVERSION=... -DFOLDERS=A;B -DOUTPUT=... -P sdk_abi.cmake

set(code "")
foreach(folder IN LISTS FOLDERS)
  file(GLOB_RECURSE headers RELATIVE "${folder}" "${folder}/*.hpp" "${folder}/*.h")
  list(SORT headers)
  foreach(header IN LISTS headers)
    file(READ "${folder}/${header}" text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX REPLACE "[ \t\n]+" " " text "${text}")
    string(APPEND code "${header}:${text}\n")
  endforeach()
endforeach()
string(SHA256 hash "${code}")
string(SUBSTRING "${hash}" 0 12 hash)

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY NEWLINE_STYLE UNIX CONTENT [[
#pragma once

/// What plugins and the program must share: the version, and a hash of the installed headers
/// without their comments.
#define TROUPE_SDK_ABI "@VERSION@ (@hash@)"
]])
