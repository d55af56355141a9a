# python - scripts and the interactive interpreter.
#
# w-xor-x stays off: callbacks of ctypes are code that libffi writes at run
# time.

include = default
description = Python

# Event loops and process pools hold a descriptor for each connection.
max-files = 4096
