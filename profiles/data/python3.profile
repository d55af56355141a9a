# python3

include = python
description = Python 3
