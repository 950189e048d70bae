# Installs the plugin where this user's Wireshark looks for it (tshark -G folders, "Personal Plugins").
# The caller sets: plugin, a file; minor, Wireshark's version as in 4.4; everybody, the folder of the
# plugins that all users have.
#
# SPDX-License-Identifier: GPL-2.0-or-later

if(CMAKE_HOST_WIN32)
	set(home "$ENV{APPDATA}")
	set(folder "Wireshark/plugins/${minor}/epan")
elseif(CMAKE_HOST_APPLE)
	string(REPLACE "." "-" minor "${minor}")
	set(home "$ENV{HOME}")
	set(folder ".local/lib/wireshark/plugins/${minor}/epan")
else()
	set(home "$ENV{HOME}")
	set(folder ".local/lib/wireshark/plugins/${minor}/epan")
endif()
file(TO_CMAKE_PATH "${home}" home)
if(NOT IS_ABSOLUTE "${home}")
	message(FATAL_ERROR "Cannot find your home: HOME (on Windows APPDATA) is not the full name of a folder")
endif()
get_filename_component(name "${plugin}" NAME)
if(EXISTS "${everybody}/${name}")
	message(WARNING "${everybody}/${name} is installed for everybody: Wireshark 4.6 complains about two copies, "
		"and takes that one. Uninstall one of them.")
endif()
file(INSTALL "${plugin}" DESTINATION "${home}/${folder}" TYPE MODULE)
