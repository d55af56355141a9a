# shell - an interactive shell, to look around or to run several programs as
# one application. What is started in it shares circuits, home and /tmp.
#
# Nothing is opened: what a program needs beyond that has a profile.
# w-xor-x stays off, any program may be started.

include = default
description = interactive shell

# Builds and archives hold more files open than one program does.
max-files = 4096
