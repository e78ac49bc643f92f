# What `cmake --install` puts where, and the Debian package made of the same files.
include(GNUInstallDirs)

install(TARGETS iptlint iptlint-opt RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Debian looks for the licence under this name.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME iptlint)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the iptlint authors <iptlint@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "rule compiler and static analyzer for Linux packet filters")
set(CPACK_PACKAGE_DESCRIPTION "Reads what iptables-save and ip6tables-save write and reports the rules that no packet
reaches, that change nothing, or that the kernel would refuse; shows a packet for
every rule that is live; and proves or refutes that two rule sets mean the same.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
# Dependencies are those of the programs' shared libraries, with the versions they need.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
