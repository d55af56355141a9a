# hexchat - IRC client with windows. Its scripts call back through libffi,
# which writes code at run time, so w-xor-x stays off.

include = irc
description = HexChat
