# weechat - IRC client for the terminal. Its scripts may run in a JIT
# (JavaScript, Guile), so w-xor-x stays off.

include = irc
description = WeeChat

# The list of its scripts, and the scripts (/script).
allow-destinations = weechat.org:443
