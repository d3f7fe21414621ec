"""HJ 212: devices on TCP in, CloudEvents in the signal topics out (2005, 2017 and 2025).

`protocol` is the standard itself, without any I/O; around it stand the devices file, the mapping
of factors to signals, and the server.
"""
