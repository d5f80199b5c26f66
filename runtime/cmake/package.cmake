# Debian packages of what is installed: `./dev package`, or cpack in a build folder. "troupe" is the
# server, its configuration and its service; "libtroupe-dev" is what plugins and embedders build
# with.

set(package_files "${CMAKE_CURRENT_LIST_DIR}/package")

# Only in packages: `cmake --install` stays below its prefix.
install(FILES "${package_files}/troupe.yaml" DESTINATION /etc/troupe
        COMPONENT service EXCLUDE_FROM_ALL)
install(FILES "${package_files}/troupe.service" DESTINATION /lib/systemd/system
        COMPONENT service EXCLUDE_FROM_ALL)
file(GLOB documents CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/*.md")
install(FILES ${documents} "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
        DESTINATION share/doc/troupe COMPONENT service EXCLUDE_FROM_ALL)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/troupe RENAME copyright
        COMPONENT service EXCLUDE_FROM_ALL)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/libtroupe-dev RENAME copyright
        COMPONENT development_service EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME troupe)
set(CPACK_PACKAGE_VENDOR Troupe)
set(CPACK_PACKAGE_CONTACT "The Troupe project <troupe@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_OUTPUT_FILE_PREFIX "${CMAKE_BINARY_DIR}/package")
set(CPACK_STRIP_FILES ON)
# Some files belong outside of the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL runtime service development development_service)
foreach(component runtime service)
  string(TOUPPER ${component} COMPONENT)
  set(CPACK_COMPONENT_${COMPONENT}_GROUP server)
endforeach()
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development_files)
set(CPACK_COMPONENT_DEVELOPMENT_SERVICE_GROUP development_files)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME troupe)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.52)")
set(CPACK_COMPONENT_SERVER_DESCRIPTION
    "Coordination service for ZooKeeper's clients\n\
 A server that applications use for small consistent data, watches, sessions,\n\
 leader election, locks, queues and membership. It speaks ZooKeeper's client\n\
 protocol and is composed from actors by a YAML file.")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    "${package_files}/conffiles;${package_files}/postinst;${package_files}/prerm;\
${package_files}/postrm")

set(CPACK_DEBIAN_DEVELOPMENT_FILES_PACKAGE_NAME libtroupe-dev)
set(CPACK_DEBIAN_DEVELOPMENT_FILES_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_FILES_PACKAGE_DEPENDS
    "troupe (= ${PROJECT_VERSION}-1), libcaf-dev, libcapnp-dev, capnproto, pkg-config")
set(CPACK_COMPONENT_DEVELOPMENT_FILES_DESCRIPTION
    "Headers and CMake package of the Troupe coordination service\n\
 For components in shared libraries, and for applications with a deployment\n\
 inside.")

include(CPack)
