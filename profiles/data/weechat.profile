# weechat - IRC client for the terminal. Its scripts may run in a JIT
# (JavaScript, Guile), so w-xor-x stays off.

include = irc
description = WeeChat
