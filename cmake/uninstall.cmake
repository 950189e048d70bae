# Removes the files that were installed from a build, for everybody and for this user.
# The caller sets: build, its folder.
#
# SPDX-License-Identifier: GPL-2.0-or-later

file(GLOB manifests "${build}/install_manifest*.txt")
if(NOT manifests)
	message(FATAL_ERROR "Nothing was installed from ${build}")
endif()
foreach(manifest IN LISTS manifests)
	file(STRINGS "${manifest}" files)
	foreach(name IN LISTS files)
		set(file "$ENV{DESTDIR}${name}")
		if(EXISTS "${file}" OR IS_SYMLINK "${file}")
			message(STATUS "Removing ${file}")
			file(REMOVE "${file}")
		endif()
		if(EXISTS "${file}")
			message(FATAL_ERROR "Cannot remove ${file}")
		endif()
	endforeach()
	file(REMOVE "${manifest}")
endforeach()
